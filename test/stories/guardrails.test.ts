import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecisionInput, Json } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServers, type Servers } from "../../examples/guardrails/servers.ts";
import { type Assembled, assemble } from "../../packages/countersign/src/assemble.ts";
import { listReviews } from "../../packages/countersign/src/catalog/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { localTime } from "../../packages/countersign/src/floor/local-time.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import {
  answer,
  applyWorkspace,
  lift,
  lintPolicies,
  minimiseGrants,
  openRun,
  planWorkspace,
  proposeTier,
  reviewTool,
  showApproval,
  signProposal,
  signTier,
  stop,
} from "../../packages/countersign/src/governance/index.ts";
import { provePolicies } from "../../packages/countersign/src/governance/prove-policies.ts";
import { testPolicies } from "../../packages/countersign/src/governance/test-policies.ts";
import type { Caller, PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { readSubject } from "../../packages/countersign/src/ledger/read.ts";
import { check, read } from "../../packages/countersign/src/workspace/index.ts";
import { configOf, nothing, until } from "../faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";

const example = join(import.meta.dirname, "../../examples/guardrails");
const person = (name: string, roles: PersonCaller["roles"]): PersonCaller => ({
  kind: "person",
  email: `${name.toLowerCase()}@acme.example`,
  name,
  roles,
  groups: ["sre", "support-leads"],
  credential: `test-${name}`,
  method: "cli",
});
const ana = person("Ana", ["dri", "admin", "approver"]);
const bo = person("Bo", ["admin", "operator", "approver"]);
const rolloutFile = "workflows/rollout.yaml";
/** A freeze that is over: these tests say themselves when it is frozen, whatever day they run on. */
const frozen = 'from: "2025-12-19"\n    to: "2026-01-03"';

let base: TestDatabase;
let folder: string;
let servers: Servers;
let plane: Assembled;
/** What ana gave each agent to do: a call may go where the task says. */
const runs: { [agent: string]: string } = {};
const tickets = [..."abcdefg", "7", ...Array.from({ length: 20 }, (_, at) => `parallel-${at}`)];

beforeAll(async () => {
  base = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "countersign-guardrails-"));
  servers = await openServers();
  mkdirSync(join(folder, "workspace"));
  for (const part of ["countersign.yaml", "workflows", "tools", "playbooks"])
    cpSync(join(example, part), join(folder, "workspace", part), { recursive: true });
  for (const server of ["helpdesk", "flags", "terraform"])
    edit(`tools/${server}.yaml`, (text) => text.replace("127.0.0.1:4791", `127.0.0.1:${servers.port}`));
  edit(rolloutFile, (text) => text.replace(/from: "2026-12-19"\n {4}to: "2027-01-03"/, frozen));
  const config = configOf(folder, { databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  plane = await assemble({ config, clock: systemClock, log: silent, tally: nothing });
  for (const server of ["helpdesk", "flags", "terraform"])
    for (const { tool, digest } of await listReviews(plane.db, server))
      await reviewTool(plane.control, ana, { server, tool, digest, answer: "approve" });
  for (const [agent, workflow, tier] of [
    ["desk", "support", 2],
    ["pilot", "rollout", 3],
    ["nightly", "nightly", 2],
  ] as const) {
    const { id } = await proposeTier(plane.control, ana, { agent, workflow, tier, days: 7, reason: "to be shown" });
    await signTier(plane.control, bo, id);
  }
  for (const task of [
    { agent: "desk", task: "answer these tickets, and close account 4711", parameters: { tickets } },
    { agent: "pilot", task: "apply p1, p2 and p3-destroy in shop-production, and s1 and s2 in shop-staging" },
  ])
    runs[task.agent] = (await openRun(plane.control, ana, task)).id;
});
afterAll(async () => {
  await plane?.close();
  await servers?.close();
  await base?.close();
  rmSync(folder, { recursive: true, force: true });
});

function edit(file: string, change: (text: string) => string): void {
  const path = join(folder, "workspace", file);
  const before = readFileSync(path, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`nothing to change in ${file}`);
  writeFileSync(path, after);
}

/** Puts the workspace as it is on disk now in force, as two people do. */
async function apply(): Promise<void> {
  const { files } = await read(join(folder, "workspace"));
  const { plan } = await planWorkspace(plane.control, plane.sources, files);
  const asked = await applyWorkspace(plane.control, plane.sources, ana, files);
  if (asked.inForce) throw new Error("one person was enough");
  await signProposal(plane.control, plane.sources, bo, asked.proposal, plan.to);
}

function callerOf(agent: string, workflow: string): Caller {
  const known = plane.control.keeper.current().caller(agent, workflow);
  if (known === undefined) throw new Error(`${agent} is not in force`);
  return { kind: "agent", agent, workflow, credential: `key_${agent}`, ...known };
}

const agents = { desk: "support", pilot: "rollout", nightly: "nightly", watcher: "watch" } as const;

async function asks(
  agent: keyof typeof agents,
  id: string,
  args: { readonly [name: string]: Json },
  run: string | undefined = runs[agent],
) {
  const [server = "", tool = ""] = id.split(".");
  const params = { name: tool, arguments: args };
  const given = run === undefined ? {} : { run };
  const submission = { server, tool, method: "tools/call", params, args, door: "mcp" as const, ...given };
  const { view } = await plane.hall.submit(callerOf(agent, agents[agent]), submission, { waitMs: 0 });
  return view;
}

async function approve(who: PersonCaller, action: string): Promise<void> {
  const shown = await showApproval(plane.control, who, action);
  const { callDigest, shownDigest = "" } = shown;
  await answer(plane.control, who, { action, verdict: "approve", callDigest, shownDigest, reason: "looked at it" });
}

async function ended(agent: keyof typeof agents, action: string): Promise<string> {
  let state = "held";
  await until("the end of a held action", async () => {
    state = (await plane.hall.get(callerOf(agent, agents[agent]), action)).state;
    return state !== "held" && state !== "ready" && state !== "running";
  });
  return state;
}

const deeds = (tool: string) => servers.deeds.filter((deed) => deed.tool === tool);
const refund = (ticket: string, amount: number, currency = "EUR") =>
  asks("desk", "helpdesk.refund", { ticket, amount, currency });
const flag = (percentage: number) =>
  asks("pilot", "flags.set_percentage", { flag: "checkout", environment: "production", percentage });
const terraform = (tool: string, plan: string, workspace = "shop-production") =>
  asks("pilot", `terraform.${tool}`, { workspace, plan });

it("the example passes its check as it stands", async () => {
  const { files, problems } = await read(example);
  expect(problems).toEqual([]);
  expect(check(files).problems).toEqual([]);
});

describe("eight policies through the gate", () => {
  it("1: tier 0 only reads, whatever its workflow allows", async () => {
    expect((await asks("watcher", "helpdesk.search", { query: "a refund" })).state).toBe("done");
    const refused = await asks("watcher", "helpdesk.refund", { ticket: "1", amount: 100, currency: "EUR" });
    expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
    expect(refused.sentence).toContain("tier 0 only reads");
  });

  it("2: refunds under 50 EUR alone, up to 500 with a lead, never above, and no more than 1000 in a day", async () => {
    expect((await refund("a", 4999)).state).toBe("done");
    expect((await refund("b", 50_001)).state).toBe("refused");
    expect((await refund("c", 100, "USD")).state).toBe("refused");
    expect((await refund("d", -100)).state).toBe("refused");
    const held = await refund("e", 50_000);
    expect(held.state).toBe("held");
    await approve(bo, held.id);
    expect(await ended("desk", held.id)).toBe("done");
    const second = await refund("f", 45_002);
    expect(second.state).toBe("refused");
    expect(second.sentence).toContain("1000.00 in 24 hours");
    expect(deeds("helpdesk.refund").map(({ args }) => args.amount)).toEqual([4999, 50_000]);
  });

  it("2: parallel refunds do not slip through the limit of a day: exactly as many go through as fit", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => refund(`parallel-${at}`, 4000)));
    // 549.99 EUR are gone: eleven of 40 EUR fit into 1000.
    expect(answers.filter(({ state }) => state === "done")).toHaveLength(11);
    expect(answers.filter(({ state, refusal }) => state === "refused" && refusal === "policy")).toHaveLength(9);
    const paid = deeds("helpdesk.refund").reduce((sum, { args }) => sum + Number(args.amount), 0);
    expect(paid).toBe(98_999);
  });

  it("3: terraform in production: a plan that passed, the change window, and the passkeys of two people", async () => {
    const now = Date.now();
    const weekday = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", weekday: "short" });
    const other = weekday.format(now + 3 * 86_400_000).toLowerCase();
    edit(rolloutFile, (text) => text.replace("[mon, tue, wed, thu]", `[${other}]`));
    await apply();
    expect((await terraform("check_plan", "p1")).state).toBe("done");
    const outside = await terraform("apply", "p1");
    expect(outside).toMatchObject({ state: "refused" });
    expect(outside.sentence).toContain("change window");

    edit(rolloutFile, (text) =>
      text.replace(`[${other}]`, "[mon, tue, wed, thu, fri, sat, sun]").replace("09:00-16:00", "00:00-24:00"),
    );
    await apply();
    expect((await terraform("apply", "p2")).sentence).toContain("terraform.check_plan done on the same target");
    expect((await terraform("check_plan", "p3-destroy")).state).toBe("done");
    expect((await terraform("apply", "p3-destroy")).state).toBe("refused");
    const held = await terraform("apply", "p1");
    expect(held.state).toBe("held");
    const [asked] = held.requirements;
    expect(asked).toMatchObject({ kind: "approval", from: "sre", count: 2, passkey: true });
    // Nothing undoes it in production: two signatures are needed, and a word alone is none. `passkeys.test.ts` signs.
    for (const who of [ana, bo])
      await expect(approve(who, held.id)).rejects.toMatchObject({
        detail: expect.stringContaining("takes your passkey"),
      });
    expect((await plane.hall.get(callerOf("pilot", "rollout"), held.id)).state).toBe("held");
    expect(deeds("terraform.apply")).toEqual([]);
    expect((await terraform("apply", "s1", "shop-staging")).state).toBe("done");
  });

  it("4: flags in production move by at most 10 from where they stand now", async () => {
    expect((await flag(31)).sentence).toContain("steps of at most 10");
    const moved = await flag(30);
    expect(moved.state).toBe("done");
    expect((await flag(41)).state).toBe("refused");
    expect((await flag(20)).state).toBe("done");
    expect((await flag(9)).state).toBe("refused");
  });

  it("5: no personal data to outside domains, and no false domains either", async () => {
    const mail = (addresses: string[], domains: string[]) =>
      asks("desk", "helpdesk.send_mail", { to: { addresses, domains }, body: "hello" });
    expect((await mail(["cy@acme.example"], ["acme.example"])).state).toBe("done");
    expect((await mail(["x@evil.example"], ["evil.example"])).state).toBe("refused");
    expect((await mail(["x@evil.example", "cy@acme.example"], ["acme.example", "evil.example"])).state).toBe("refused");
    await mail(["x@evil.example"], ["acme.example"]);
    expect(deeds("helpdesk.send_mail")).toHaveLength(1);
  });

  it("5: what a tool takes as addresses is read as addresses: each of them has to be inside", async () => {
    const forward = (to: string[], cc: string[] = []) =>
      asks("desk", "helpdesk.forward_ticket", { ticket: "7", to, cc });
    expect((await forward(["help@eu.vendor.example"])).state).toBe("done");
    expect((await forward(["cy@acme.example"], ["help@vendor.example"])).state).toBe("done");
    const refused = await forward(["cy@acme.example"], ["x@evil.example"]);
    expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
    expect(refused.sentence).toContain("support sends nothing to addresses of other domains");
    for (const hidden of ['"x@evil.example" <cy@acme.example>', "x@evil.example, cy@acme.example", ""])
      expect((await forward(["cy@acme.example"], [hidden])).state, hidden).toBe("refused");
    expect((await forward([])).state).toBe("refused");
    expect(deeds("helpdesk.forward_ticket")).toHaveLength(2);
  });

  it("6: nothing runs in production while it is frozen, and staging goes on", async () => {
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const around = `from: "${day(Date.now() - 2 * 86_400_000)}"\n    to: "${day(Date.now() + 2 * 86_400_000)}"`;
    edit(rolloutFile, (text) => text.replace(frozen, around));
    await apply();
    const refused = await flag(25);
    expect(refused).toMatchObject({ state: "refused" });
    expect(refused.sentence).toContain("freezes every execution");
    expect((await terraform("apply", "s2", "shop-staging")).state).toBe("done");
    edit(rolloutFile, (text) => text.replace(around, frozen));
    await apply();
    expect((await flag(25)).state).toBe("done");
  });

  it("7: four eyes, and neither are the owner's", async () => {
    const held = await asks("desk", "helpdesk.close_account", { account: "4711" });
    expect(held.state).toBe("held");
    await expect(approve(ana, held.id)).rejects.toMatchObject({ code: "forbidden" });
    await approve(bo, held.id);
    expect(await ended("desk", held.id)).toBe("done");
    expect(deeds("helpdesk.close_account")).toHaveLength(1);
  });

  it("8: a stop stops everything, and all goes on when it is lifted", async () => {
    const { stop: taken } = await stop(plane.control, bo, { scope: "everything", name: "*", reason: "drill" });
    expect(await asks("watcher", "helpdesk.search", { query: "anything" })).toMatchObject({
      state: "refused",
      refusal: "stopped",
    });
    await lift(plane.control, ana, taken.id, "drill over");
    expect((await asks("watcher", "helpdesk.search", { query: "anything" })).state).toBe("done");
  });
});

describe("the cases and invariants that ship with the eight policies", () => {
  it("hold, and no fault in a condition of a guardrail goes unnoticed", async () => {
    const { files } = await read(example);
    const { cases, mutation } = await testPolicies(plane.sources, files, true);
    expect(cases.length).toBeGreaterThan(45);
    expect(cases.filter(({ passed }) => !passed)).toEqual([]);
    // Each tool here is of one workflow: to widen a rule to every workflow changes nothing that a case could ask.
    const unnoticed = mutation.survivors.filter(
      ({ policy, fault }) => policy.includes("/guardrail/") && !fault.startsWith("widens "),
    );
    expect(unnoticed).toEqual([]);
    const { "policies/eight.test.yaml": text = "", ...rest } = files;
    const wrong = { ...rest, "policies/eight.test.yaml": text.replace("amount: 4999", "amount: 5000") };
    expect((await testPolicies(plane.sources, wrong, false)).cases.filter(({ passed }) => !passed)).toHaveLength(1);
  });

  it("wait at a first start for servers that were never asked, and then hold; what no server could list is refused", async () => {
    const empty = await openTestDatabase();
    const at = mkdtempSync(join(tmpdir(), "countersign-first-"));
    cpSync(join(folder, "workspace"), join(at, "workspace"), { recursive: true });
    for (const part of ["workflows", "policies"])
      cpSync(join(example, part), join(at, "workspace", part), { recursive: true });
    const tool = join(at, "workspace/policies/own.cedar");
    writeFileSync(
      tool,
      `@id("own") forbid (principal, action == Action::"helpdesk.refund", resource) when { principal.tier < 2 };`,
    );
    const config = configOf(at, { databaseUrl: empty.url, databaseAdminUrl: urlOf(empty.ownerAt) });
    const first = await assemble({ config, clock: systemClock, log: silent, tally: nothing });
    try {
      expect(first.control.keeper.loaded().workspace?.tests).toHaveLength(1);
      const { files } = await read(join(at, "workspace"));
      const planned = (more: object) => planWorkspace(first.control, first.sources, { ...files, ...more });
      const { "policies/own.cedar": own = "" } = files;
      for (const wrong of [own.replace("helpdesk.refund", "nowhere.refund"), own.replace("tier < 2", "tier < true")])
        await expect(planned({ "policies/own.cedar": wrong })).rejects.toMatchObject({ code: "invalid" });
      await until("their lists", async () => (await listReviews(first.db, "helpdesk")).length > 0);
      for (const server of ["helpdesk", "flags", "terraform"])
        for (const { tool, digest } of await listReviews(first.db, server))
          await reviewTool(first.control, ana, { server, tool, digest, answer: "approve" });
      const { cases } = await testPolicies(first.sources, { ...files, "policies/own.cedar": "" }, false);
      expect(cases.filter(({ passed }) => !passed)).toEqual([]);
      await expect(planned({ "policies/own.cedar": own.replace("refund", "refnud") })).rejects.toMatchObject({
        code: "invalid",
      });
    } finally {
      await first.close();
      await empty.close();
      rmSync(at, { recursive: true, force: true });
    }
  }, 300_000);

  it("are proven, and one whose guardrail is gone is not", async () => {
    const { files } = await read(example);
    const proofs = await provePolicies(plane.sources, files);
    expect(proofs.length).toBe(4 + 8);
    expect(proofs.filter(({ answer }) => answer !== "proved")).toEqual([]);
    // Whoever copies the example has no solver yet, and what is not decided is not put in force.
    expect(proofs.filter(({ solver }) => solver !== undefined)).toEqual([]);
    const file = "workflows/support.yaml";
    // A lead's yes is not asked for any more below 400 EUR.
    const alone = files[file]?.replace("aloneUnder: 50 EUR", "aloneUnder: 400 EUR") ?? "";
    expect(await provePolicies(plane.sources, { ...files, [file]: alone }, "no-refund-of-50-alone")).not.toMatchObject([
      { answer: "proved" },
    ]);
    // Each of the limits that local time and the state of a flag decide, moved by one: the evaluator shows a call.
    const rollout = files[rolloutFile] ?? "";
    const at = (instant: string | undefined) => localTime("Europe/Berlin", Date.parse(instant ?? ""));
    for (const [name, was, is, shows] of [
      ["no-apply-outside-the-window", "09:00-16:00", "09:00-16:01", (one: DecisionInput) => at(one.at)?.minute === 960],
      ["no-step-above-10", "most: 10", "most: 11", (one) => Object.values(one.facts.steps ?? {})[0] === 11],
      ["nothing-moves-in-the-freeze", "2027-01-03", "2027-01-02", (one) => at(one.at)?.day === 20270103],
    ] as [string, string, string, (input: DecisionInput) => boolean][]) {
      const moved = rollout.replace(was, is);
      expect(moved, name).not.toBe(rollout);
      const [proof] = await provePolicies(plane.sources, { ...files, [rolloutFile]: moved }, name);
      if (proof?.answer !== "counter-example") throw new Error(`${name}: ${JSON.stringify(proof)}`);
      expect(shows(proof.replayed.input), name).toBe(true);
    }
  }, 300_000);
});

it("a refund that no task names waits for the DRI or the deputy, and goes through in a run whose task names it", async () => {
  const pay = (run: string) => asks("desk", "helpdesk.refund", { ticket: "h-1", amount: 100, currency: "EUR" }, run);
  const own = await openRun(plane.control, callerOf("desk", "support"), { agent: "desk", task: "refund ticket h-1" });
  const held = await pay(own.id);
  expect(held.state).toBe("held");
  await approve(bo, held.id);
  expect(await ended("desk", held.id)).toBe("done");
  const given = await openRun(plane.control, ana, { agent: "desk", task: "refund ticket h-1" });
  expect((await pay(given.id)).state).toBe("done");
});

it("MT-92 the pattern autonomous-nonprod does in staging what it refuses in production, and cannot ask for a higher tier", async () => {
  const set = (environment: string) =>
    asks("nightly", "flags.set_percentage", { flag: "try", environment, percentage: 100 });
  expect((await set("staging")).state).toBe("done");
  const refused = await set("production");
  expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
  expect(refused.sentence).toContain("tier 2 executes outside production only");
  const { files } = await read(example);
  const text = files["workflows/nightly.yaml"] ?? "";
  const { problems } = check({ ...files, "workflows/nightly.yaml": text.replace("tier: 2", "tier: 3") });
  expect(problems.map(({ message }) => message)).toContain("tier 3 does not go with `autonomous-nonprod`");
});

/** What was read at once, and for what, as the ledger has it. */
async function notes(): Promise<readonly string[]> {
  const { db, wrap } = plane.control.parts;
  const { rows } = await base.owner.query<{ subject: string }>(
    "select subject from entry where kind = 'read' and person = $1 order by recorded_at",
    [ana.email],
  );
  const read = await Promise.all(rows.map(async ({ subject }) => (await readSubject(db, subject, wrap)).entries[0]));
  return read.flatMap((one) => {
    const note = one?.payload as { how: string; range?: { workflow?: string } };
    return note.range === undefined ? [] : [`${note.how} of ${note.range.workflow ?? "all"}`];
  });
}

describe("MT-117 what a workflow needs of its grants", () => {
  it("a narrower file without the tools and places that it never used decides all of its work as before", async () => {
    const minimal = await minimiseGrants(plane.control, plane.sources, ana, "support", 30);
    expect(minimal.unused).toEqual(["helpdesk.search"]);
    expect(minimal.used.map(({ tool }) => tool)).toEqual([
      "helpdesk.close_account",
      "helpdesk.forward_ticket",
      "helpdesk.refund",
      "helpdesk.send_mail",
    ]);
    expect(minimal.replay).toEqual({ work: minimal.replay.same, same: minimal.replay.same, broken: [] });
    expect(minimal.replay.work).toBeGreaterThanOrEqual(4);
    expect(minimal.difference.filter((one) => one.startsWith("+ "))).not.toEqual([]);
    writeFileSync(join(folder, "workspace", minimal.file), minimal.text);
    await apply();
    expect((await asks("desk", "helpdesk.search", { query: "x" })).state).toBe("refused");
    expect((await refund("g", 100)).state).toBe("done");
    const again = await minimiseGrants(plane.control, plane.sources, ana, "support", 30);
    expect([again.unused, again.difference]).toEqual([[], []]);
  });

  it("a place that was never touched goes out of reach", async () => {
    const before = await notes();
    const { replay, text } = await minimiseGrants(plane.control, plane.sources, ana, "nightly", 30);
    expect(replay.broken).toEqual([]);
    expect((await notes()).slice(before.length)).toEqual(["grants minimise of nightly"]);
    expect(text).toContain("environments: [staging]");
  });

  it("the clean example has no rule behind another", async () => {
    const { findings } = await lintPolicies(plane.control, ana);
    expect(findings).toEqual([]);
    const before = await notes();
    expect((await lintPolicies(plane.control, ana, 30)).findings.every(({ kind }) => kind === "unused")).toBe(true);
    expect((await notes()).slice(before.length)).toEqual(["policy lint --unused of all"]);
  });
});
