import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyReceipt } from "../../packages/console/src/runs/verify.ts";
import { testKey } from "../../packages/contract/vectors/log.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, until } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";
import { type AnyMembers, plantedChanges } from "./planted-changes.ts";

/** A key that signed nothing here. */
const foreignKey = async (origin: string): Promise<string> => (await testKey(origin, 7)).vkey;
const script = fileURLToPath(new URL("../../packages/contract/verifiers/verify.py", import.meta.url));

/** Sees what agents do, and not what they say. */
const dee = "dee@acme.example";
const viewer = `  - { email: ${dee}, name: Dee, roles: [viewer] }\n`;

let stage: ConsoleStage;
let acted: Acted;
let cli: TestCli;
let saved: string;
beforeAll(async () => {
  stage = await openConsole({
    edit: { "countersign.yaml": (text) => text.replace("\ngroups:\n", `${viewer}\ngroups:\n`) },
  });
  const { plane } = stage;
  acted = await actOn(stage);
  await askedBack();
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
  const trust = await cli.run(["log", "trust"], { env: { COUNTERSIGN_KEY: await plane.person(ana) } });
  writeFileSync(join(cli.home, "trust.json"), trust.stdout);
  await until(async () => ((await plane.running.assembled.book.lag()) === 0 ? true : undefined));
  saved = await download(ana);
});
afterAll(async () => {
  cli?.close();
  await stage?.close();
});

/** A write that Bo asks back about, and that its agent answers before he approves it. */
async function askedBack(): Promise<void> {
  const { plane, scribe } = stage;
  const key = await plane.person(bo);
  const { id } = await acted.call("write_file", { path: acted.path("asked.md"), content: "A page.\n" }, acted.run);
  const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const question = { question: "Which ticket?", callDigest, shownDigest };
  expect((await plane.call("POST", `/v1/approvals/${id}/ask`, { key, body: question })).status).toBe(200);
  const reply = { reply: "OPS-4711, of which the last line is \u2028 odd" };
  expect((await plane.call("POST", `/v1/actions/${id}/reply`, { key: scribe, body: reply })).status).toBe(202);
  await acted.answer(id, bo);
}

async function download(email: string): Promise<string> {
  const { page, open } = await stage.logIn(email);
  await open(`/runs/${acted.run}`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Save the evidence of this run")]);
  return readFileSync(await file.path(), "utf8");
}

interface Said {
  readonly ok: boolean;
  readonly about: string;
  readonly problems: readonly { readonly code: string; readonly at: string }[];
}

/** What the first verifier says of each pack; the second must say the same. */
async function verify(packs: readonly string[]): Promise<readonly Said[]> {
  const files = packs.map((_, at) => `run-${at}.jsonl`);
  for (const [at, file] of files.entries()) writeFileSync(join(cli.home, file), packs[at] ?? "");
  const first = await cli.run(["verify", "--pack", ...files, "--trust", "trust.json", "--json"]);
  const second = await promisify(execFile)("python3", [script, "--json", "--trust", "trust.json", "--pack", ...files], {
    cwd: cli.home,
    maxBuffer: 1e9,
  }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
  const said = first.json as readonly Said[];
  expect((JSON.parse(second.stdout) as readonly Said[]).map(found)).toEqual(said.map(found));
  const exit = said.every(({ ok }) => ok) ? 0 : 1;
  expect([first.exit, second.code]).toEqual([exit, exit]);
  return said;
}

const found = ({ ok, problems }: Said) => ({ ok, codes: problems.map(({ code, at }) => `${code} ${at}`).sort() });

interface Line {
  readonly action: string;
  readonly receipt: AnyMembers;
  readonly bundle: string;
}
const linesOf = (pack: string): readonly string[] => pack.slice(0, -1).split("\n");
const joined = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
/** The pack with one of its lines changed; the first action is line 1. */
const changed = (at: number, change: (line: Line) => Line): string =>
  joined(linesOf(saved).map((text, line) => (line === at ? JSON.stringify(change(JSON.parse(text))) : text)));

describe("the evidence of a run", () => {
  it("is one file that both verifiers find whole, against the trust that was pinned", async () => {
    expect(await verify([saved])).toMatchObject([{ ok: true, problems: [], about: `${acted.run}, 4 actions` }]);
    const lines = linesOf(saved).map((text) => JSON.parse(text));
    expect(lines[0]).toMatchObject({ v: 1, run: acted.run, actions: lines.slice(1).map(({ action }) => action) });
    const kinds = lines.slice(1).flatMap(({ receipt }) => receipt.what.moves.map(({ kind }: { kind: string }) => kind));
    expect(kinds).toEqual(expect.arrayContaining(["asked", "replied", "approved", "outcome", "refused"]));
    const { stdout } = await cli.run(["verify", "run-0.jsonl", "--trust", "trust.json"]);
    expect(stdout).toContain("DOES NOT HOLD");
    expect(stdout).toContain("it is the evidence of a run: --pack reads it");
  });

  it("never counts for its own trust", async () => {
    const [head = "", ...rest] = linesOf(saved);
    const parsed = JSON.parse(head);
    const stranger = { ...parsed, trust: { origin: "elsewhere/countersign", keys: [] } };
    expect(await verify([joined([JSON.stringify(stranger), ...rest])])).toMatchObject([{ ok: true }]);
    // Under another pinned key nothing of it holds, though it carries the one that signed it.
    const mine = readFileSync(join(cli.home, "trust.json"), "utf8");
    const others = { ...parsed.trust, keys: [{ vkey: await foreignKey(parsed.trust.origin), from: 0 }] };
    delete others.lastCheckpoint;
    writeFileSync(join(cli.home, "trust.json"), JSON.stringify(others));
    const [said] = await verify([saved]);
    writeFileSync(join(cli.home, "trust.json"), mine);
    expect(said?.problems.map(({ code }) => code)).toEqual(rest.map(() => "unknown_key"));
  });

  it("does not hold once any byte of a bundle is another", async () => {
    const at = linesOf(saved).findIndex((text) => JSON.parse(text).action === acted.written);
    const { bundle } = JSON.parse(linesOf(saved)[at] ?? "") as Line;
    const bytes = Array.from({ length: 12 }, (_, i) => Math.floor((i * bundle.length) / 12));
    const flipped = (byte: number): string =>
      `${bundle.slice(0, byte)}${bundle[byte] === "A" ? "B" : "A"}${bundle.slice(byte + 1)}`;
    const packs = [...bytes, bundle.length - 1].map((byte) =>
      changed(at, (line) => ({ ...line, bundle: flipped(byte) })),
    );
    for (const { ok, problems } of await verify(packs)) {
      expect(ok).toBe(false);
      expect(problems.every((flaw) => flaw.at.startsWith(`line ${at + 1}, `))).toBe(true);
    }
  });

  it("does not hold with a line lost, doubled or moved, nor with another action's receipt or bundle", async () => {
    const lines = linesOf(saved);
    const [head = "", first = "", second = "", ...rest] = lines;
    const other = JSON.parse(second) as Line;
    const run = { ...JSON.parse(head), run: "run_01m825j6bwd9m3wxer95wjg1h0" };
    const cases: readonly (readonly [pack: string, problems: readonly string[]])[] = [
      [joined(lines.slice(0, -1)), [`size line ${lines.length}`]],
      [joined([head, second, ...rest]), ["size line 2", "size line 3", "size line 4", `size line ${lines.length}`]],
      [joined([...lines, first]), [`size line ${lines.length + 1}`]],
      [joined([head, second, first, ...rest]), ["size line 2", "size line 3"]],
      [changed(1, (line) => ({ ...line, bundle: other.bundle })), ["subject line 2"]],
      [joined([JSON.stringify(run), first, second, ...rest]), lines.slice(1).map((_, at) => `subject line ${at + 2}`)],
      [changed(1, (line) => ({ ...line, receipt: other.receipt })), ["receipt line 2, /id"]],
      ["\n", ["json line 1"]],
      [joined([first]), ["shape line 1"]],
    ];
    const said = await verify(cases.map(([pack]) => pack));
    expect(said.map((one) => found(one).codes)).toEqual(cases.map(([, problems]) => problems));
  });

  it("does not hold where a receipt says another thing than its bundle, in any member that is compared", async () => {
    const at = linesOf(saved).findIndex((text) => JSON.parse(text).receipt?.what.questions !== undefined);
    const packs = plantedChanges.map(([, plant]) =>
      changed(at, (line) => {
        plant(line.receipt);
        return line;
      }),
    );
    expect((await verify(packs)).map((one) => found(one).codes)).toEqual(
      plantedChanges.map(([pointer]) => [`receipt line ${at + 1}, ${pointer}`]),
    );
  });

  it("is judged by the page's seal as by the verifiers: each planted change takes the stamp away", async () => {
    const trust = JSON.parse(readFileSync(join(cli.home, "trust.json"), "utf8"));
    const lines: readonly Line[] = linesOf(saved)
      .slice(1)
      .map((text) => JSON.parse(text));
    const judged = (receipt: Line["receipt"], { bundle }: Line) =>
      verifyReceipt(receipt, new TextEncoder().encode(bundle), trust);
    for (const line of lines) expect(await judged(line.receipt, line)).toMatchObject({ holds: true, problems: [] });
    const asked = lines.find(({ receipt }) => receipt.what.questions !== undefined) as Line;
    for (const [pointer, plant] of plantedChanges) {
      const receipt = structuredClone(asked.receipt);
      plant(receipt);
      const { holds, isPending, problems } = await judged(receipt, asked);
      expect([pointer, holds, isPending, problems]).toEqual([pointer, false, false, [expect.stringContaining("page")]]);
    }
  });

  it("does not hold of a receipt that was cut down to the names of what it lacks", async () => {
    const all = ["/state", "/what/agent", "/what/moves", "/what/args", "/checks", "/policy/effect"];
    const [said] = await verify([changed(1, (line) => ({ ...line, receipt: { id: line.action, withheld: all } }))]);
    expect(said?.problems.map(({ at }) => at)).toEqual(
      expect.arrayContaining(["line 2, /state", "line 2, /what/moves", "line 2, /checks"]),
    );
    const less = (line: Line): Line => {
      const { receipt } = line;
      return { ...line, receipt: { ...receipt, what: { ...receipt.what, args: null }, withheld: ["/what/args"] } };
    };
    expect(await verify([changed(1, less)])).toMatchObject([
      { ok: true, about: expect.stringContaining("1 receipts leave out some of what was said") },
    ]);
  });

  it("tells a file that cannot be read from a trust that cannot be used", async () => {
    mkdirSync(join(cli.home, "folder"));
    for (const kind of [["--pack"], ["--log"], []]) {
      const ran = await cli.run(["verify", "folder", "--trust", "trust.json", ...kind]);
      expect([ran.exit, ran.stderr]).toEqual([2, expect.stringContaining("`folder` cannot be read")]);
    }
    const stamps = await cli.run(["verify", "run-0.jsonl", "--trust", "trust.json", "--pack", "--tsa", "x.pem"]);
    expect([stamps.exit, stamps.stderr]).toEqual([2, expect.stringContaining("give --tsa with --log")]);
  });

  it("of a person who may not see what was said holds for its steps, and says so", async () => {
    const [said] = await verify([await download(dee)]);
    expect(said).toMatchObject({ ok: true, about: expect.stringContaining("4 bundles withhold what was said") });
  });
});
