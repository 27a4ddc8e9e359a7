import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleOf, TestLog, testKey } from "../vectors/log.ts";
import { utf8 } from "./bytes.ts";
import { type Json, type JsonObject, maxPackLine, packType, type Trust, verifyPack } from "./index.ts";

const script = new URL("../verifiers/verify.py", import.meta.url).pathname;
const origin = "log.acme.example/countersign";
const action = "act_0000000000000000000000000a";
const run = "run_0000000000000000000000000b";
const principal = { owner: "ops", dri: "ana@acme.example" };
const digest = `sha256:${"0".repeat(64)}`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pack-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const trustOf = async (): Promise<Trust> => ({ origin, keys: [{ vkey: (await testKey(origin, 1)).vkey, from: 0 }] });

const workload = { issuer: "https://ci.example", subject: "repo:acme/app" };

/** The bundle of a call that ran. */
async function bundle(args: Json): Promise<string> {
  const log = new TestLog(origin);
  const leaf = { tool: "files.write_file", run };
  const call = {
    args,
    argsDigest: digest,
    callDigest: digest,
    claim: "a typo",
    door: "http",
    tier: 2,
    workload,
    ...principal,
  };
  const resource = { target: "a.md", environment: { name: "production", production: true } };
  const input = { principal: { ...principal, onBehalfOf: "cy" }, action: { verb: "execute" }, resource };
  const decision = { effect: "permit", policySet: { revision: 1, digest } };
  await log.append("wrt_a", action, ["intent", "received", "running"], { call, input, decision, checks: [] }, leaf);
  await log.append("wrt_a", action, ["outcome", "running", "done"], { kind: "answered", result: { ok: true } }, leaf);
  const key = await testKey(origin, 1);
  return bundleOf(await log.receipt(action, await log.note([key])), key);
}

/** The receipt that says what the bundle records. */
function receipt(args: Json): JsonObject {
  const move = (at: number, kind: string, from: string, to: string): JsonObject => {
    const second = at === 0 ? "00" : `00.${String(at).padStart(6, "0")}`;
    return { at: `2026-11-22T10:00:${second}Z`, recordedAt: "2026-11-22T10:00:01Z", kind, from, to };
  };
  const what = {
    ...{ agent: "triage-bot", workflow: "triage", tool: "files.write_file", run },
    ...{ args, argsDigest: digest, callDigest: digest, target: "a.md", claim: "a typo", result: { ok: true } },
    ...{
      ...principal,
      onBehalfOf: "cy",
      workload,
      door: "http",
      tier: 2,
      environment: "production",
      verb: "execute",
      isError: false,
    },
    moves: [move(0, "intent", "received", "running"), move(1, "outcome", "running", "done")],
  };
  const policy = { effect: "permit", policySet: { revision: 1, digest } };
  return { id: action, state: "done", what, policy, checks: [], approvals: { answers: [] }, withheld: [] };
}

async function packOf(said: JsonObject, args: Json): Promise<string> {
  const head = { type: packType, v: 1, run, actions: [action], trust: null };
  const line = { action, receipt: said, bundle: await bundle(args) };
  return `${JSON.stringify(head)}\n${JSON.stringify(line)}\n`;
}

interface Found {
  readonly ok: boolean;
  readonly leftOut: number;
  readonly at: readonly string[];
}

/** What both verifiers say of a pack, once they say the same. */
async function judge(pack: string): Promise<Found> {
  const trust = await trustOf();
  const { ok, leftOut, problems } = await verifyPack(pack.slice(0, -1).split("\n").map(utf8), trust);
  const at = problems.map((flaw) => `${flaw.code} ${flaw.at}`).sort();
  const [file, pinned] = [join(folder, "pack"), join(folder, "trust")];
  writeFileSync(file, pack);
  writeFileSync(pinned, JSON.stringify(trust));
  let stdout = "";
  try {
    stdout = execFileSync("python3", [script, "--json", "--trust", pinned, "--pack", file], { encoding: "utf8" });
  } catch (failed) {
    stdout = (failed as { readonly stdout: string }).stdout;
  }
  const [other] = JSON.parse(stdout);
  const others = other.problems.map((flaw: { code: string; at: string }) => `${flaw.code} ${flaw.at}`).sort();
  expect({ ok: other.ok, leftOut: other.left_out_in, at: others }).toEqual({ ok, leftOut, at });
  return { ok, leftOut, at };
}

it("holds where a receipt says what its bundle records", async () => {
  const args = { path: "a.md", content: "text" };
  expect(await judge(await packOf(receipt(args), args))).toEqual({ ok: true, leftOut: 0, at: [] });
});

it("counts a receipt that leaves out what its reader may not see, and lets it leave out nothing else", async () => {
  const args = { path: "a.md", content: "text" };
  const whole = receipt(args);
  const { claim: _, result: __, ...what } = whole.what as JsonObject;
  const less = { ...whole, what: { ...what, args: null }, withheld: ["/what/args", "/what/result", "/what/claim"] };
  expect(await judge(await packOf(less, args))).toEqual({ ok: true, leftOut: 1, at: [] });
  // It names all that it lacks, and is no receipt any more.
  const all = ["/state", "/what/moves", "/checks", "/policy/effect", "/what/callDigest", "/what/args", "/what/agent"];
  const cut = await judge(await packOf({ id: action, withheld: all }, args));
  expect(cut.ok).toBe(false);
  expect(cut.at).toEqual(expect.arrayContaining(all.slice(0, 5).map((pointer) => `receipt line 2, ${pointer}`)));
  expect(cut.at).not.toContain("receipt line 2, /what/args");
});

it("compares who answers for a call, where it went, and whether it failed", async () => {
  const args = { path: "a.md" };
  const whole = receipt(args);
  const other = { dri: "bo", owner: "it", verb: "read", tier: 3, door: "mcp", environment: "test", isError: true };
  const stranger = { ...workload, subject: "repo:evil/app" };
  for (const [name, value] of Object.entries({ ...other, onBehalfOf: "dee", workload: stranger })) {
    const what = { ...(whole.what as JsonObject), [name]: value };
    expect((await judge(await packOf({ ...whole, what }, args))).at).toEqual([`receipt line 2, /what/${name}`]);
  }
});

it("judges arguments that are nested as deep as a line may be", async () => {
  const args = { path: "a.md" };
  let deep: JsonObject = {};
  for (let level = 0; level < 83; level++) deep = { a: deep };
  expect((await judge(await packOf(receipt(deep), args))).at).toEqual(["receipt line 2, /what/args"]);
});

it("finds a line that is too long, and judges the one after it", async () => {
  const args = { path: "a.md" };
  const [head = ""] = (await packOf(receipt(args), args)).split("\n");
  const lines = [utf8(head), new Uint8Array(maxPackLine + 1), utf8("{}")];
  const { ok, problems } = await verifyPack(lines, await trustOf());
  expect(ok).toBe(false);
  expect(problems.map(({ code, at }) => `${code} ${at}`)).toEqual(["json line 2", "shape line 3"]);
});

it("the second verifier names the run and how many actions are there, and reads a file as one kind alone", async () => {
  const args = { path: "a.md" };
  const [file, pinned] = [join(folder, "said"), join(folder, "pinned")];
  writeFileSync(file, await packOf(receipt(args), args));
  writeFileSync(pinned, JSON.stringify(await trustOf()));
  const ran = (...kind: string[]) =>
    spawnSync("python3", [script, "--trust", pinned, ...kind, file], { encoding: "utf8" });
  expect(ran("--pack").stdout).toBe(`${file}: holds  ${run}, 1 actions\n`);
  expect(ran("--log", "--pack")).toMatchObject({ status: 2, stderr: expect.stringContaining("--log or --pack") });
});
