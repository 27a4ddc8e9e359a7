import { createHash } from "node:crypto";
import { join } from "node:path";
import { canonical, verifyBundle } from "@countersign/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let key: string;
/** A written page, approved by Bo. */
let written: string;
/** The agent's own words, as hostile as they can be. */
const claim = '<script>alert(1)</script>\u202egnp.exe\u0007 "quoted" \u200b\u{e0041}';

beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const body = {
    server: "files",
    tool: "write_file",
    arguments: { path: join(plane.folder, "sandbox/receipt.md"), content: "text" },
    claim,
  };
  const held = await plane.call("POST", "/v1/actions", { key, body });
  written = held.json.id;
  const person = await plane.person(bo);
  const { json: shown } = await plane.call("GET", `/v1/approvals/${written}`, { key: person });
  const { callDigest, shownDigest } = shown;
  const said = { verdict: "approve", callDigest, shownDigest, reason: "it is a page", dwellMs: 3_600_000 };
  await plane.call("POST", `/v1/approvals/${written}/answer`, { key: person, body: said });
  await plane.call("GET", `/v1/actions/${written}?waitMs=10000`, { key });
});
afterAll(async () => plane?.close());

const read = async (id: string, email: string = ana) =>
  (await plane.call("GET", `/v1/receipts/${id}`, { key: await plane.person(email) })).json;

it("MT-251 the receipt says what the agent did, in words and raw", async () => {
  const { what } = await read(written);
  expect(what.sentence).toMatch(/^scribe ran files\.write_file on .*receipt\.md \(sandbox\)$/);
  expect(what).toMatchObject({ agent: "scribe", workflow: "docs-upkeep", dri: ana, owner: ana, attempts: 1, claim });
  expect(what.args).toEqual({ path: join(plane.folder, "sandbox/receipt.md"), content: "text" });
  expect(what.moves.map((move: { to: string }) => move.to)).toEqual(["held", "held", "ready", "running", "done"]);
});

it("MT-252 the receipt says what data it touched and in which direction", async () => {
  const { data } = await read(written);
  expect(data.direction).toBe("written");
  expect(data.resources).toEqual([expect.stringContaining("receipt.md")]);
  expect(data.redactions).toBe(0);
});

it("MT-253 the receipt says which policy allowed it, with its text, digest and the whole input", async () => {
  const { policy } = await read(written);
  expect(policy.effect).toBe("allow");
  expect(policy.determining.length).toBeGreaterThan(0);
  for (const one of policy.determining) {
    expect(one.digest).toMatch(/^sha256:/);
    expect(one.text).toContain(one.effect);
  }
  expect(policy.policySet.digest).toMatch(/^sha256:/);
  expect(policy.input).toMatchObject({ principal: { agent: "scribe", tier: 2 }, action: { tool: "files.write_file" } });
});

it("MT-254 the receipt says which checks ran, their versions and results", async () => {
  const { checks } = await read(written);
  const names = checks.map((check: { name: string }) => check.name);
  expect(names).toContain("schema");
  expect(names).toContain("secrets");
  for (const check of checks) expect(check).toMatchObject({ verdict: "pass", version: expect.stringMatching(/./) });
});

it("MT-255 the receipt says who approved it, how, what they saw and how long they looked", async () => {
  const { approvals } = await read(written);
  expect(approvals.sentence).toContain(bo);
  expect(approvals.answers).toEqual([
    expect.objectContaining({
      person: bo,
      method: "cli",
      verdict: "approve",
      reason: "it is a page",
      vouchedBy: [],
      shownDigest: expect.stringMatching(/^sha256:/),
    }),
  ]);
  const [said] = approvals.answers;
  // It was shown a moment before it was answered: that somebody looked for longer is not believed.
  expect(said.dwellMs).toBeGreaterThan(0);
  expect(said.dwellMs).toBeLessThan(3_600_000);
  const [shown] = approvals.shown;
  const digest = createHash("sha256").update(canonical(shown.document)).digest("hex");
  expect([shown.shownDigest, said.shownDigest]).toEqual([`sha256:${digest}`, `sha256:${digest}`]);
  expect(shown.document).toMatchObject({
    id: written,
    args: { content: "text" },
    claim,
    requirements: [{ kind: "approval", from: "editors", count: 1 }],
    plan: expect.not.objectContaining({ capturedAt: expect.anything() }),
  });
  const auditors = await read(written, cy);
  expect(auditors.approvals.shown).toEqual(approvals.shown);
  const { json: agents } = await plane.call("GET", `/v1/receipts/${written}`, { key });
  expect(agents.approvals.shown).toEqual([]);
});

it("MT-256 the receipt says how to reverse it, with a plan, or why it cannot be", async () => {
  const { reversal } = await read(written);
  expect(reversal.sentence.length).toBeGreaterThan(10);
  expect(reversal.plan.kind).toMatch(/^(inverse|irreversible|none)$/);
});

it("the receipt page asks the six questions, needs no script, and shows hostile text as text", async () => {
  const person = await plane.person(ana);
  const page = await plane.call("GET", `/v1/receipts/${written}`, { key: person, headers: { accept: "text/html" } });
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'/);
  for (const question of [
    "What did the agent do?",
    "What data did it touch?",
    "Which policy allowed it?",
    "What checks ran?",
    "Who approved it?",
    "How do you reverse it?",
  ])
    expect(page.text).toContain(`<h2>${question}</h2>`);
  expect(page.text).not.toContain("<script");
  expect(page.text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩gnp.exe⟨U+0007⟩");
  expect(page.text).toContain("⟨U+200B⟩⟨U+E0041⟩");
  for (const hidden of ["\u202e", "\u200b", "\u0007"]) expect(page.text).not.toContain(hidden);
  const same = await plane.call("GET", `/receipts/${written}.html`, { key: person });
  expect(same.text).toBe(page.text);
});

it("who may not see what is private gets the receipt without it; who read it is on record", async () => {
  const viewer = await read(written, cy);
  expect(viewer.what.args).not.toBeNull();
  const agent = await plane.call("GET", `/v1/receipts/${written}`, { key });
  expect(agent.json.policy.nearMiss).toEqual([]);
  expect(agent.json.policy.inForce).toBeUndefined();
  // The plan holds what the gate read for the undo, which the agent may not be allowed to read.
  expect(agent.json.reversal.plan).toBeUndefined();
  expect(agent.json.withheld).toEqual(["/policy/nearMiss", "/policy/inForce", "/reversal/plan", "/approvals/shown"]);
  const readers = await plane.call("GET", `/v1/receipts/${written}/readers`, { key: await plane.person(cy) });
  expect(readers.json.readers).toContainEqual(expect.objectContaining({ person: cy, how: "json", method: "cli" }));
  expect(readers.json.readers.some((one: { how: string }) => one.how === "page")).toBe(true);
  const denied = await plane.call("GET", `/v1/receipts/${written}/readers`, { key });
  expect(denied.status).toBe(403);
});

it("MT-31 a receipt's bundle verifies offline against a pinned trust file, and not once a byte is changed", async () => {
  await until(async () => ((await plane.running.assembled.book.lag()) === 0 ? true : undefined));
  const trust = await plane.call("GET", "/v1/ledger/trust");
  const person = await plane.person(ana);
  const bundle = await plane.call("GET", `/v1/receipts/${written}/bundle`, { key: person });
  expect(bundle.headers.get("countersign-proof")).toBe("included");
  const bytes = new TextEncoder().encode(bundle.text);
  const verified = await verifyBundle(bytes, trust.json);
  expect(verified.problems).toEqual([]);
  const broken = bytes.slice();
  const at = Math.floor(broken.length / 2);
  broken[at] = (broken[at] ?? 0) ^ 1;
  expect((await verifyBundle(broken, trust.json)).problems).not.toEqual([]);
  const mine = await plane.call("GET", `/v1/receipts/${written}/bundle`, { key });
  expect(mine.text).not.toContain(Buffer.from("receipt.md").toString("base64").slice(0, 8));
  expect((await verifyBundle(new TextEncoder().encode(mine.text), trust.json)).problems).toEqual([]);
});

it("the log proves that it only grew, and serves its tiles; entries name people, so they are for auditors", async () => {
  const size = async () => Number((await plane.call("GET", "/v1/ledger/checkpoint")).text.split("\n")[1]);
  const from = await size();
  await read(written);
  const to = await until(async () => {
    const now = await size();
    return now > from ? now : undefined;
  });
  const proof = await plane.call("GET", `/v1/ledger/consistency?from=${from}&to=${to}`);
  expect(proof.json.proof.length).toBeGreaterThan(0);
  expect((await plane.call("GET", `/v1/ledger/inclusion?index=0&size=${to}`)).status).toBe(200);
  expect((await plane.call("GET", `/v1/ledger/inclusion?index=0&size=${to + 1000}`)).status).toBe(404);
  const tile = await plane.call("GET", `/v1/ledger/tile/0/000.p/${from}`);
  expect(tile.status).toBe(200);
  expect((await plane.call("GET", "/v1/ledger/tile/0/../../etc")).status).toBe(404);
  expect((await plane.call("GET", `/v1/ledger/tile/entries/000.p/${from}`)).status).toBe(401);
  const entries = await plane.call("GET", `/v1/ledger/tile/entries/000.p/${from}`, { key: await plane.person(cy) });
  expect(entries.status).toBe(200);
  expect(entries.text).toContain('"subject":"');
});

it("MT-257 pasted text finds its receipts: an id, a run, a name, a tool, a piece of a target", async () => {
  const find = async (q: string) =>
    (await plane.call("GET", `/v1/lookup?q=${encodeURIComponent(q)}`, { key: await plane.person(cy) })).json;
  // What can be found follows what happened, and says how far it is behind.
  await expect.poll(async () => (await find("scribe")).index.behind).toBe(0);
  expect(await find(`see ${plane.url}/receipts/${written}.html please`)).toMatchObject({
    taken: "id",
    actions: [{ id: written, state: "done" }],
  });
  expect((await find("scribe")).taken).toBe("agent");
  expect((await find("docs-upkeep")).taken).toBe("workflow");
  expect(await find("files.write_file")).toMatchObject({ taken: "tool", actions: [{ id: written }] });
  const target = await find("Receipt.md");
  expect(target).toMatchObject({
    taken: "text",
    actions: [{ id: written, target: expect.stringContaining("receipt.md") }],
  });
  expect((await find("nothing like this")).actions).toEqual([]);
  const run = (await read(written)).what.run;
  expect((await find(`run ${run}`)).taken).toBe("run");
});

it("MT-20 MT-120 MT-199 every receipt of an action resolves to a person who is in the workspace", async () => {
  for (const tool of ["read_text_file", "move_file", "no_such_tool"]) {
    const body = { server: "files", tool, arguments: { path: join(plane.folder, "sandbox/receipt.md") } };
    await plane.call("POST", "/v1/actions", { key, body });
  }
  const people = (await plane.call("GET", "/v1/people", { key: await plane.person(ana) })).json.people;
  const emails = new Set(people.map((person: { email: string }) => person.email));
  const all = await plane.call("GET", "/v1/actions?agent=scribe&limit=200", { key: await plane.person(ana) });
  expect(all.json.actions.length).toBeGreaterThan(3);
  for (const { id, tool } of all.json.actions) {
    const { what } = await read(id);
    expect(emails, `${tool}`).toContain(what.dri);
    expect(emails).toContain(what.owner);
  }
});

it("MT-210 calls are logged with inputs and outputs; MT-212 the approver stands where one was required", async () => {
  const { what, approvals, policy } = await read(written);
  expect(what.args).toBeTruthy();
  expect(what.result).toBeTruthy();
  expect(what.argsDigest).toMatch(/^sha256:/);
  expect(what.resultDigest).toMatch(/^sha256:/);
  expect(policy.input.facts.approvals.map((one: { person: string }) => one.person)).toEqual(
    approvals.answers.map((one: { person: string }) => one.person),
  );
});

it("MT-211 moves carry database time that only rises", async () => {
  const { what } = await read(written);
  const times = what.moves.map((move: { at: string }) => Date.parse(move.at));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  for (const move of what.moves) {
    expect(Math.abs(Date.parse(move.recordedAt) - Date.parse(move.at))).toBeLessThan(10_000);
  }
});

it("a new signing key is introduced by the old one, and receipts verify under the new trust file", async () => {
  const before = (await plane.call("GET", "/v1/ledger/trust")).json;
  expect((await plane.call("POST", "/v1/ledger/rotate", { key: await plane.person(cy) })).status).toBe(403);
  const rotated = await plane.call("POST", "/v1/ledger/rotate", { key: await plane.person(ana) });
  expect(rotated.status).toBe(201);
  await expect
    .poll(async () => (await plane.call("GET", "/v1/ledger/trust")).json.keys.length)
    .toBe(before.keys.length + 1);
  const trust = (await plane.call("GET", "/v1/ledger/trust")).json;
  expect(trust.keys.at(-1).vkey).toBe(rotated.json.vkey);
  const auditor = await plane.person(ana);
  const fetched = () => plane.call("GET", `/v1/receipts/${written}/bundle`, { key: auditor });
  // In the moment in which the key turns there is no checkpoint to prove anything under.
  await expect.poll(async () => (await fetched()).status).toBe(200);
  const { text } = await fetched();
  const verified = await verifyBundle(new TextEncoder().encode(text), trust);
  expect(verified.problems).toEqual([]);
});
