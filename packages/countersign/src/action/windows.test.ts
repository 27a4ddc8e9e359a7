import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ana, bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer, Connector } from "../execution/connector.ts";
import { proposeErasure, signErasure } from "../governance/index.ts";
import { settleByPerson } from "./reconcile.ts";
import { recover } from "./recover.ts";

let base: TestDatabase;
let world: World;
let other: Replica;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    guardrails: `{ use: call-limit, name: puts, tools: [deeds.put], most: 7, within: 1h },
      { use: first-time-target, tools: [deeds.remove], from: editors },
      { use: done-before, name: looked-first, tools: [deeds.remove], done: deeds.look, within: 1h }`,
  });
  other = await world.replica();
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const submit = (at: number, tool: string, marker: string) =>
  (at % 2 === 0 ? world.base.hall : other.hall).submit(world.caller, call(tool, { marker }));

it("parallel calls of two replicas do not slip through a limit: exactly as many go through as it allows", async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => submit(at, "put", `race-${at}`)));
  const done = answers.filter(({ view }) => view.state === "done");
  const refused = answers.filter(({ view }) => view.state === "refused" && view.refusal === "policy");
  expect([done.length, refused.length]).toEqual([7, 23]);
  expect(world.recorder.effects()).toHaveLength(7);
  expect((await submit(0, "put", "race-again")).view.refusal).toBe("policy");
});

it("a call that was refused takes nothing, and what certainly did not happen gives back what it took", async () => {
  const used = async () => {
    const text = "select count(*)::int as used from window_use where window_key = 'deeds-upkeep/guardrail/puts'";
    return (await base.owner.query(text)).rows[0]?.used;
  };
  expect(await used()).toBe(7);
  await base.owner.query("delete from window_use where window_key = 'deeds-upkeep/guardrail/puts'");
  const connector = {
    ...world.base.control.parts.connector,
    call: () => Promise.resolve({ kind: "never_sent", reason: "gone" }),
  };
  const broken = await world.replica({ connector: connector as never });
  expect((await broken.hall.submit(world.caller, call("put", { marker: "unsent" }))).view.state).toBe("failed");
  expect(await used()).toBe(0);
});

it("an unknown keeps what it took until somebody knows", async () => {
  const text = "select count(*)::int as used from window_use where window_key = 'deeds-upkeep/guardrail/puts'";
  const used = async () => (await base.owner.query(text)).rows[0]?.used;
  const connector = {
    ...world.base.control.parts.connector,
    call: () => Promise.resolve({ kind: "lost", reason: "cut" }),
  };
  const { hall, parts } = await world.replica({ connector: connector as never });
  const { view } = await hall.submit(world.caller, call("put", { marker: "lost" }));
  expect(view.state).toBe("unknown");
  expect(await used()).toBe(1);
  await settleByPerson(parts, cy, view.id, false, "it is not there");
  expect(await used()).toBe(0);
});

it("asks for the other tool on the same target first, and for people only until the target was touched once", async () => {
  const marker = "first-target";
  expect((await submit(0, "remove", marker)).view).toMatchObject({ state: "refused", refusal: "policy" });
  expect((await submit(1, "look", marker)).view.state).toBe("done");
  expect((await submit(0, "remove", "another")).view).toMatchObject({ state: "refused", refusal: "policy" });
  const held = await submit(0, "remove", marker);
  expect(held.view.state).toBe("held");
  // What the database knows of a target is a digest under a key that it does not hold.
  const { rows } = await base.owner.query("select window_key from window_use");
  expect(JSON.stringify(rows)).not.toContain(marker);
});

it("a call that is decided again because others took first is taken from its budgets once", async () => {
  await base.owner.query("delete from window_use where window_key = 'deeds-upkeep/guardrail/puts'");
  const take = vi.spyOn(world.base.control.parts.budget, "take");
  const calls = Array.from({ length: 40 }, (_, at) =>
    world.base.hall.submit(world.caller, call("put", { marker: `paid-${at}` })),
  );
  await Promise.all(calls);
  expect(take.mock.calls.length).toBeGreaterThanOrEqual(7);
  expect(take.mock.calls.length).toBeLessThanOrEqual(40);
  take.mockRestore();
});

it("two targets share no window: what is counted of a target is under the whole of its keyed digest", async () => {
  await submit(0, "look", "whole-key");
  const { rows } = await base.owner.query<{ key: string }>(
    "select distinct window_key as key from window_use where window_key like 'deeds-upkeep/guardrail/looked-first|%'",
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { key } of rows) expect(key).toMatch(/\|[0-9a-f]{64}$/);
});

it("MT-31 erasing an action blanks its name where a window still counts it, and drops what counts no more", async () => {
  const key = "deeds-upkeep/guardrail/puts";
  await base.owner.query("delete from window_use where window_key = $1", [key]);
  const { view } = await submit(0, "put", "to-be-forgotten");
  expect(view.state).toBe("done");
  const old =
    "insert into window_use (window_key, action, amount, counted, expires_at) values ('old', $1, 1, true, '2000-01-01')";
  await base.owner.query(old, [view.id]);
  const used = async () =>
    (
      await base.owner.query(
        "select action, amount, expires_at is not null as ends from window_use where window_key = $1",
        [key],
      )
    ).rows;
  const before = await used();
  expect(before).toEqual([{ action: view.id, amount: 1, ends: true }]);
  const { id } = await proposeErasure(world.base.control, ana, { subjects: [view.id], reason: "they asked us to" });
  await signErasure(world.base.control, bo, id);
  const after = await used();
  expect(after).toEqual([{ ...before[0], action: expect.stringMatching(/^erased:/) }]);
  const { rows } = await base.owner.query("select 1 from window_use where action = $1 or window_key = 'old'", [
    view.id,
  ]);
  expect(rows).toEqual([]);
});

describe("a late answer that contradicts what people settled", () => {
  const key = "deeds-upkeep/guardrail/puts";
  const used = async () =>
    (await base.owner.query<{ at: string }>("select at from window_use where window_key = $1", [key])).rows;
  /** Sends a call whose answer waits, takes its replica for dead, settles it, and lets the answer come. */
  async function settledThen(marker: string, happened: boolean, late: Answer) {
    await base.owner.query("delete from window_use where window_key = $1", [key]);
    let tell: (answer: Answer) => void = () => undefined;
    const sent: string[] = [];
    const connector: Connector = {
      call: ({ actionId }) => {
        sent.push(actionId);
        return new Promise((resolve) => {
          tell = resolve;
        });
      },
    };
    const replica = await world.replica({ connector });
    const asked = replica.hall.submit(world.caller, call("put", { marker }));
    await until("the call", () => sent.length === 1);
    await base.owner.query(
      "update writer_lease set expires_at = clock_timestamp() - interval '1 s' where writer = $1",
      [replica.parts.ledger.writer()],
    );
    await recover(world.base.control.parts);
    await settleByPerson(world.base.control.parts, cy, sent[0] ?? "", happened, "looked");
    const settled = await used();
    tell(late);
    await asked.catch(() => undefined);
    await replica.hall.drain(0);
    return { id: sent[0], settled, after: await used() };
  }

  it("has its window count it after all, as of the time of its call", async () => {
    const { id, settled, after } = await settledThen("late-done", false, {
      kind: "answered",
      result: { content: [{ type: "text", text: "done" }] },
    });
    expect(settled).toHaveLength(0);
    expect(after).toHaveLength(1);
    const sent = "select at from entry where subject = $1 and to_state = 'running'";
    expect(after).toEqual((await base.owner.query(sent, [id])).rows);
  });

  it("has its window give back what certainly was not sent", async () => {
    const { settled, after } = await settledThen("late-unsent", true, { kind: "never_sent", reason: "refused" });
    expect([settled.length, after.length]).toEqual([1, 0]);
  });
});
