import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DecisionInput } from "@countersign/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agent, ana, bo, workflow, workspaceFiles } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { countWindows } from "../governance/count-windows.ts";
import { proposeTier, signTier } from "../governance/index.ts";
import { replayHere } from "../governance/replay-here.ts";
import type { Caller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import { pagesSince } from "../ledger/replay-sql.ts";
import { recordsOf } from "./stored-record.ts";

const guardrails = `{ use: call-limit, name: each, tools: [deeds.put], most: 2, per: args.value, across: workspace, within: 1h },
  { use: call-limit, name: people, tools: [deeds.remove], most: 1, per: person, within: 1h },
  { use: call-limit, name: all, tools: [deeds.look], most: 3, per: workspace, within: 1h },
  { use: object-limit, name: touched, tools: [deeds.ask_put], counts: objects, most: 5, within: 1h }`;

let base: TestDatabase;
let world: World;
let replica: Replica;
let other: Caller;
beforeAll(async () => {
  base = await openTestDatabase();
  const agents = [agent, "second"]
    .map((name) => `  - { name: ${name}, owner: cy@acme.example, purpose: does what tests ask }`)
    .join("\n");
  const options = { agents, reach: "{ objects: 2 }" };
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), ...options });
  const text = workspaceFiles({ ...options, url: "" })[`workflows/${workflow}.yaml`] ?? "";
  const file = join(world.folder, "workspace/workflows/second.yaml");
  writeFileSync(file, text.replace(`workflow: ${workflow}`, "workflow: second").replace(`[${agent}]`, "[second]"));
  await world.apply({ ...options, guardrails });
  const { control } = world.base;
  const { id } = await proposeTier(control, ana, {
    agent: "second",
    workflow: "second",
    tier: 2,
    days: 7,
    reason: "too",
  });
  await signTier(control, bo, id);
  const known = control.keeper.current().caller("second", "second");
  if (known === undefined) throw new Error("the second workflow is not in force");
  other = { kind: "agent", agent: "second", workflow: "second", credential: "key_second", ...known };
  replica = await world.replica();
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

let number = 0;
/** Each is a call of its own, on a target of its own. */
async function submit(tool: string, value: string | undefined, caller = world.caller, hall = world.base.hall) {
  const args = { marker: `m-${number++}`, ...(value === undefined ? {} : { value }) };
  return (await hall.submit(caller, call(tool, args))).view;
}
const states = async (...calls: readonly Promise<{ readonly state: string }>[]) =>
  (await Promise.all(calls)).map(({ state }) => state).sort();

it("each value of an argument has its own count, over all workflows, however it is spelt", async () => {
  expect((await submit("put", "Customer 7")).state).toBe("done");
  expect((await submit("put", "customer\u00a07 ", other)).state).toBe("done");
  for (const spelling of ["CUSTOMER 7", "cust\u200bomer 7", "\uff43ustomer 7"])
    expect((await submit("put", spelling)).state, spelling).toBe("refused");
  expect((await submit("put", "customer 8")).state).toBe("done");
  // The other workflow has no such limit: its calls count, and are not refused by it.
  expect((await submit("put", "customer 7", other)).state).toBe("done");
});

it("a call without the value is refused, and says by which limit", async () => {
  const { state, refusal, sentence } = await submit("put", undefined);
  expect({ state, refusal }).toEqual({ state: "refused", refusal: "policy" });
  expect(sentence).toContain(`${workflow}/guardrail/each`);
  expect((await submit("put", " \u200b")).state).toBe("refused");
});

it("each person that an agent works for has a count, and those who are nobody have one together", async () => {
  const caller = (onBehalfOf?: string): Caller => ({
    ...world.caller,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  });
  const state = async (person?: string) => (await submit("remove", undefined, caller(person))).state;
  expect([await state("ana@acme.example"), await state("Ana@acme.example")]).toEqual(["done", "refused"]);
  expect([await state("bo@acme.example"), await state(), await state()]).toEqual(["done", "done", "refused"]);
});

it("one count for the workspace is one over its workflows", async () => {
  expect((await submit("look", undefined, other)).state).toBe("done");
  expect((await submit("look", undefined, other)).state).toBe("done");
  expect([(await submit("look", undefined)).state, (await submit("look", undefined)).state]).toEqual([
    "done",
    "refused",
  ]);
});

it("the database holds no value and no person in clear", async () => {
  const { rows } = await base.owner.query<{ key: string }>("select distinct window_key as key from window_use");
  const scoped = rows.filter(({ key }) => /\/(each|people)\|/.test(key));
  expect(scoped.length).toBeGreaterThan(3);
  for (const { key } of scoped) expect(key).toMatch(/\|[0-9a-f]{64}$/);
});

it("a replay counts for each decision what the gate had counted", async () => {
  const { parts, keeper } = world.base.control;
  const draft = keeper.loaded().policies;
  const sets = { draft, inForce: { ...draft, policies: [] } };
  // Of one workflow: what counts over all of them is read of all of them.
  const filter = { since: new Date(Date.now() - 86_400_000).toISOString(), workflow };
  const replayer = replayHere(parts, sets, filter);
  const pages = await pagesSince(parts.db, { ...filter, before: "act_~" }, 3, null);
  const counting = countWindows({ db: parts.db, sets, replayer, filter, pages });
  let counted = await counting.next();
  while (counted.done !== true) counted = await counting.next();
  await replayer.close();
  let compared = 0;
  for (const page of pages)
    for (const [action, steps] of counted.value.told(page) ?? []) {
      const opened = await readSubject(parts.db, action, parts.wrap);
      for (const [at, record] of recordsOf(opened).entries()) {
        const told = steps.get(opened.entries[at]?.entry.step ?? -1);
        if (record?.input === undefined || record.decision === undefined || told === undefined) continue;
        const { counts, sums = {} }: DecisionInput["facts"] = record.input.facts;
        expect({ counts: told.counts, sums: told.sums }, action).toEqual({ counts, sums });
        compared++;
      }
    }
  expect(compared).toBeGreaterThan(10);
});

// Last: of calls at once a receipt has the count that was first decided by, which may be lower than a replay's.
it("of many at once on two replicas and in two workflows, as many of the limited one go through as are left", async () => {
  for (const value of ["race-1", "race-2", "race-3"]) {
    expect((await submit("put", value, other)).state).toBe("done");
    const calls = Array.from({ length: 8 }, (_, at) =>
      submit("put", value, world.caller, at % 2 === 0 ? world.base.hall : replica.hall),
    );
    expect(await states(...calls)).toEqual(["done", ...Array.from({ length: 7 }, () => "refused")]);
  }
  // Values crosswise on both replicas: whoever takes two counts takes their locks in one order.
  const crossed = Array.from({ length: 12 }, (_, at) =>
    submit(
      "put",
      `crossed-${at % 3}`,
      at % 2 === 0 ? world.caller : other,
      at % 4 < 2 ? world.base.hall : replica.hall,
    ),
  );
  const ended = await states(...crossed);
  expect(ended.filter((state) => state !== "done" && state !== "refused")).toEqual([]);
});
