import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@countersign/contract";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServers, type Servers } from "../../examples/guardrails/servers.ts";
import { ask, type PlannedStep, type Submission } from "../../packages/countersign/src/action/index.ts";
import { type Assembled, assemble } from "../../packages/countersign/src/assemble.ts";
import { listReviews } from "../../packages/countersign/src/catalog/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { Problem } from "../../packages/countersign/src/floor/problem.ts";
import { openRun, proposeTier, reviewTool, signTier } from "../../packages/countersign/src/governance/index.ts";
import type { Caller } from "../../packages/countersign/src/identity/caller.ts";
import { ana, bo } from "../faults/workspace.ts";
import { configOf, nothing } from "../faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";

const agents = ["high", "low"] as const;
type Agent = (typeof agents)[number];

let base: TestDatabase;
let folder: string;
let servers: Servers;
let plane: Assembled;

beforeAll(async () => {
  base = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "countersign-delegation-"));
  servers = await openServers();
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, "workspace", path, ".."), { recursive: true });
    writeFileSync(join(folder, "workspace", path), text);
  };
  write(
    "countersign.yaml",
    `organisation: Delegation
people:
  - { email: ana@acme.example, name: Ana, roles: [dri, admin, approver], groups: [editors] }
  - { email: bo@acme.example, name: Bo, roles: [admin, operator, approver], groups: [editors] }
groups: { editors: { purpose: approve } }
agents:
  - { name: high, owner: bo@acme.example, purpose: executes }
  - { name: low, owner: bo@acme.example, purpose: proposes }
environments: { desk: { production: false } }
`,
  );
  write(
    "workflows/work.yaml",
    `workflow: work
purpose: be delegated
dri: ana@acme.example
pattern: autonomous-nonprod
agents: [high, low]
tier: 2
allow: [helpdesk.search, helpdesk.refund, helpdesk.close_account]
guardrails:
  - { use: call-limit, tools: [helpdesk.refund], most: 3, per: run, within: 1h }
`,
  );
  write(
    "tools/helpdesk.yaml",
    `server: helpdesk
transport: { kind: http, url: "http://127.0.0.1:${servers.port}/helpdesk" }
environment: desk
tools:
  search: { verb: read, environment: server, target: tickets }
  refund:
    verb: execute
    environment: server
    target: "ticket/{{args.ticket}}"
    flow: { effect: irreversible, destinations: [] }
  close_account:
    verb: execute
    environment: server
    target: "account/{{args.account}}"
    flow: { effect: irreversible, destinations: [args.account] }
`,
  );
  const config = configOf(folder, { databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  plane = await assemble({ config, clock: systemClock, log: silent, tally: nothing });
  for (const { tool, digest } of await listReviews(plane.db, "helpdesk"))
    await reviewTool(plane.control, ana, { server: "helpdesk", tool, digest, answer: "approve" });
  for (const [agent, tier] of [
    ["high", 2],
    ["low", 1],
  ] as const) {
    const asked = { agent, workflow: "work", tier, days: 7, reason: "to be shown" };
    const { id } = await proposeTier(plane.control, ana, asked);
    await signTier(plane.control, bo, id);
  }
});
afterAll(async () => {
  await plane?.close();
  await servers?.close();
  await base?.close();
  rmSync(folder, { recursive: true, force: true });
});

function callerOf(agent: Agent): Caller {
  const known = plane.control.keeper.current().caller(agent, "work");
  if (known === undefined) throw new Error(`${agent} is not in force`);
  return { kind: "agent", agent, workflow: "work", credential: `key_${agent}`, ...known };
}

interface Asked {
  readonly tool: string;
  readonly args: { readonly [name: string]: Json };
}

function submission({ tool, args }: Asked, run: string): Submission {
  const params = { name: tool, arguments: args };
  return { server: "helpdesk", tool, method: "tools/call", params, args, door: "mcp", run };
}
const does = async (agent: Agent, run: string, asked: Asked) =>
  (await plane.hall.submit(callerOf(agent), submission(asked, run), { waitMs: 0 })).view;
const advice = async (agent: Agent, run: string, asked: Asked) =>
  ask(plane.control.parts, callerOf(agent), submission(asked, run));

interface Opened {
  readonly id: string;
  readonly agent: Agent;
  readonly parent?: Opened;
}

const search: Asked = { tool: "search", args: { query: "x" } };
const refund = (ticket: string): Asked => ({ tool: "refund", args: { ticket, amount: 1, currency: "EUR" } });
const close = (account: string): Asked => ({ tool: "close_account", args: { account } });
const calls = [search, refund("7"), refund("8"), close("7"), close("acct-8")];

const step: fc.Arbitrary<PlannedStep> = fc.constantFrom<PlannedStep>(
  { tool: "helpdesk.search" },
  { tool: "helpdesk.refund" },
  { tool: "helpdesk.refund", target: "ticket/7" },
  { tool: "helpdesk.close_account" },
  { tool: "helpdesk.close_account", target: "account/acct-8" },
);
const plan = fc.option(fc.uniqueArray(step, { maxLength: 3 }), { nil: undefined });
const agent = fc.constantFrom(...agents);
const family = fc.record({
  top: fc.record({ agent, plan, task: fc.constantFrom("look", "close acct-8") }),
  below: fc.array(
    fc.record({
      under: fc.nat(),
      agent,
      plan,
      parameters: fc.constantFrom({}, { account: "acct-8" }, { account: "7" }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  /** Runs in which something that others wrote is read, before the others ask. */
  reads: fc.array(fc.nat(), { minLength: 0, maxLength: 2 }),
  refunds: fc.array(fc.nat(), { maxLength: 4 }),
});

const severity = { allow: 0, require: 1, deny: 2 };

it("MT-107 no run that an agent opens under another is allowed a call that the run above is not", async () => {
  const seen = { allow: 0, require: 0, deny: 0, narrower: 0 };
  await fc.assert(
    fc.asyncProperty(family, async ({ top, below, reads, refunds }) => {
      const opened: Opened[] = [{ id: (await openRun(plane.control, ana, withPlan(top))).id, agent: top.agent }];
      for (const one of below) {
        const parent = opened[one.under % opened.length] as Opened;
        const request = { ...withPlan(one), parent: parent.id, parameters: one.parameters };
        // What reaches beyond the plan above is refused at once, and is no run.
        const run = await openRun(plane.control, callerOf(one.agent), request).catch((thrown: unknown) => {
          if (thrown instanceof Problem && thrown.code === "forbidden") return undefined;
          throw thrown;
        });
        if (run !== undefined) opened.push({ id: run.id, agent: one.agent, parent });
      }
      for (const at of reads) await inRun(opened, at, search);
      for (const at of refunds) await inRun(opened, at, refund("9"));
      for (const child of opened) {
        const { parent } = child;
        if (parent === undefined) continue;
        for (const asked of calls) {
          const [theirs, above] = [
            await advice(child.agent, child.id, asked),
            await advice(parent.agent, parent.id, asked),
          ];
          const what = `${asked.tool} in a run of ${child.agent} under one of ${parent.agent}`;
          expect(severity[theirs.effect], what).toBeGreaterThanOrEqual(severity[above.effect]);
          if (theirs.effect === "require" && above.effect === "require")
            expect(policiesOf(theirs), what).toEqual(expect.arrayContaining(policiesOf(above)));
          seen[theirs.effect]++;
          if (severity[theirs.effect] > severity[above.effect]) seen.narrower++;
        }
      }
    }),
    { numRuns: 25, seed: 107 },
  );
  expect(Object.entries(seen).filter(([, count]) => count < 5)).toEqual([]);
}, 120_000);

it("MT-107 a call under a run of an agent of a lower tier is decided, held and run by that tier", async () => {
  const run = (await openRun(plane.control, ana, { agent: "low", task: "look", plan: [{ tool: "helpdesk.refund" }] }))
    .id;
  const under = (await openRun(plane.control, callerOf("high"), { agent: "high", parent: run })).id;
  expect(await does("low", run, refund("1"))).toMatchObject({ state: "refused", refusal: "policy" });
  expect(await does("high", under, refund("1"))).toMatchObject({ state: "refused", refusal: "policy" });
  const own = (await openRun(plane.control, ana, { agent: "high", task: "look", plan: [{ tool: "helpdesk.refund" }] }))
    .id;
  expect(await does("high", own, refund("1"))).toMatchObject({ state: "done" });
});

it("MT-107 a plan that an agent names itself asks for nothing: what others may have said is held in both runs", async () => {
  const run = (await openRun(plane.control, ana, { agent: "high", task: "look" })).id;
  await does("high", run, search);
  const plan = [{ tool: "helpdesk.refund" }];
  const under = (await openRun(plane.control, callerOf("high"), { agent: "high", parent: run, plan })).id;
  for (const at of [run, under]) expect(await does("high", at, refund("1")), at).toMatchObject({ state: "held" });
});

it("MT-107 a run ends with the run above it, and has no limits of its own", async () => {
  const plan = [{ tool: "helpdesk.refund" }];
  const run = (await openRun(plane.control, ana, { agent: "high", task: "refund", plan })).id;
  const under = (await openRun(plane.control, callerOf("high"), { agent: "high", parent: run })).id;
  for (const [ticket, at] of [run, under, under].entries())
    expect(await does("high", at, refund(`${ticket}`))).toMatchObject({ state: "done" });
  const fresh = (await openRun(plane.control, callerOf("high"), { agent: "high", parent: under })).id;
  expect(await does("high", fresh, refund("4"))).toMatchObject({ state: "refused", refusal: "policy" });
  await base.owner.query("update run set closed_at = clock_timestamp() where id = $1", [run]);
  for (const id of [under, fresh]) await expect(does("high", id, search)).rejects.toMatchObject({ code: "conflict" });
});

function withPlan({
  agent,
  plan,
  task,
}: {
  readonly agent: Agent;
  readonly plan?: readonly PlannedStep[] | undefined;
  readonly task?: string;
}) {
  return { agent, ...(task === undefined ? {} : { task }), ...(plan === undefined ? {} : { plan }) };
}

async function inRun(opened: readonly Opened[], at: number, asked: Asked): Promise<void> {
  const run = opened[at % opened.length] as Opened;
  await does(run.agent, run.id, asked);
}

const policiesOf = ({ requirements }: { readonly requirements: readonly { readonly policy: string }[] }) =>
  requirements.map(({ policy }) => policy);
