import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer } from "../execution/connector.ts";
import type { CompiledPolicies } from "../policy/index.ts";
import { answer } from "./answer.ts";
import { fillAgain, limitsBegunEmpty, pastUses } from "./fill-windows.ts";
import { showApproval } from "./show-approval.ts";

const limit = (name: string, more: string) =>
  `{ use: call-limit, name: ${name}, tools: [deeds.put, deeds.ask_put], ${more} }`;

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    reach: "{ objects: 2 }",
    guardrails: "{ use: call-limit, name: looks, tools: [deeds.look], most: 1000, within: 1h }",
  });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const submit = async (tool: string, marker: string, hall = world.base.hall) =>
  (await hall.submit(world.caller, call(tool, { marker }))).view;
const state = async (marker: string) => (await submit("put", marker)).state;
const answering = async (answered: Answer) => world.replica({ connector: { call: () => Promise.resolve(answered) } });
const apply = (guardrails: string) => world.apply({ guardrails, reach: "{ objects: 2 }" });
const rows = async (name: string) =>
  (
    await base.owner.query<{ action: string; amount: string; seconds: number }>(
      `select action, amount, extract(epoch from expires_at - at)::int as seconds from window_use
        where window_key = $1 or starts_with(window_key, $1 || '|') order by action`,
      [`deeds-upkeep/guardrail/${name}`],
    )
  ).rows;
const inForce = () => world.base.control.keeper.loaded().policies;
const nothingCounted = (): CompiledPolicies => ({ ...inForce(), policies: [] });

describe("a limit that is put in force", () => {
  it("holds what was done before: as many as were left go through, and no more", async () => {
    for (const marker of ["a", "b", "c"]) expect(await state(marker)).toBe("done");
    const { hall: unsent } = await answering({ kind: "never_sent", reason: "gone" });
    expect((await submit("put", "failed", unsent)).state).toBe("failed");
    let tell: (answered: Answer) => void = () => undefined;
    let sent: () => void = () => undefined;
    const isSent = new Promise<void>((resolve) => {
      sent = resolve;
    });
    const connector = {
      call: () =>
        new Promise<Answer>((resolve) => {
          tell = resolve;
          sent();
        }),
    };
    const running = submit("put", "running", (await world.replica({ connector })).hall);
    await isSent;
    const held = await submit("ask_put", "held");
    expect(held.state).toBe("held");
    expect((await submit("remove", "c")).state).toBe("done");

    // Three were done, and one is on its way; what failed, waits, or is of another tool is none of them.
    await apply(limit("puts", "most: 6, within: 1d"));
    expect((await rows("puts")).map(({ seconds }) => seconds)).toEqual([86_400, 86_400, 86_400, 86_400]);
    const states = [await state("d"), await state("e"), await state("f")];
    expect(states).toEqual(["done", "done", "refused"]);
    // What did not happen after all gives back what was counted of it.
    tell({ kind: "never_sent", reason: "gone" });
    expect((await running).state).toBe("failed");
    expect([await state("g"), await state("h")]).toEqual(["done", "refused"]);
    expect((await rows("looks")).length).toBe(0);
  });

  it("counts for each target by itself, and what the catalog counts of each call", async () => {
    await apply(
      `${limit("puts", "most: 100, within: 1d")}, ${limit("each", "most: 2, per: args.marker, within: 1d")},
        { use: object-limit, name: objects, tools: [deeds.put], counts: objects, most: 16, within: 1d }`,
    );
    expect([await state("A"), await state("a")]).toEqual(["done", "refused"]);
    // Six ran before, of two objects each: with the one above this is the eighth.
    expect([await state("i"), await state("j")]).toEqual(["done", "refused"]);
    expect((await rows("objects")).map(({ amount }) => Number(amount))).toEqual(Array.from({ length: 8 }, () => 2));
    const keys = (await base.owner.query("select distinct window_key as key from window_use")).rows;
    for (const { key } of keys.filter(({ key }) => String(key).includes("each|")))
      expect(key).toMatch(/\/each\|[0-9a-f]{64}$/);
  });

  it("counts again where it counts otherwise than before, and as it did where only how much it allows changes", async () => {
    const before = await rows("puts");
    await apply(limit("puts", "most: 101, within: 1d"));
    expect(await rows("puts")).toEqual(before);
    await apply(limit("puts", "most: 101, within: 2d"));
    const after = await rows("puts");
    expect(after.map(({ action }) => action)).toEqual(before.map(({ action }) => action));
    expect(after.every(({ seconds }) => seconds === 172_800)).toBe(true);
    // Of a tool that it does not count any more nothing stays.
    await apply("{ use: call-limit, name: puts, tools: [deeds.look], most: 101, within: 1d }");
    expect(await rows("puts")).toEqual([]);
  });

  it("counts what was asked for long before, and ran after somebody had said yes", async () => {
    const held = await submit("ask_put", "late");
    const { callDigest, shownDigest = "" } = await showApproval(world.base.control, bo, held.id);
    await answer(world.base.control, bo, {
      action: held.id,
      verdict: "approve",
      callDigest,
      shownDigest,
      reason: "ok",
    });
    const done = "select 1 from entry where subject = $1 and to_state = 'done'";
    await until("it to be done", async () => (await base.owner.query(done, [held.id])).rows.length > 0);
    // As if it had been asked for two days ago.
    await base.owner.query("alter table entry disable trigger entry_stays");
    await base.owner.query("update entry set at = at - interval '2 days' where subject = $1 and step = 0", [held.id]);
    await apply(limit("late", "most: 100, within: 1d"));
    expect((await rows("late")).some(({ action }) => action === held.id)).toBe(true);
  });
});

describe("what is gone through", () => {
  it("is bounded: a limit with more than that begins empty, and the plan says so", async () => {
    const control = world.base.control;
    await apply(limit("bounded", "most: 100, within: 1d"));
    const draft = inForce();
    const none = nothingCounted();
    const name = "deeds-upkeep/guardrail/bounded";
    const full = await pastUses(control, none, draft);
    expect([full.windows, full.empty, full.uses.length > 5]).toEqual([[name], [], true]);
    const few = await pastUses(control, none, draft, { most: 2 });
    expect(few).toEqual({ windows: [], empty: [name], uses: [], failed: [] });
    expect(await limitsBegunEmpty(control, draft)).toEqual([]);
  });

  it("is bounded for all limits together: what is beyond that begins empty", async () => {
    const control = world.base.control;
    await apply(`${limit("own", "most: 100, within: 1d")}, ${limit("all", "most: 100, per: workspace, within: 1d")}`);
    const [draft, none] = [inForce(), nothingCounted()];
    const [own, all] = ["own", "all"].map((name) => `deeds-upkeep/guardrail/${name}`);
    const asked = (await base.owner.query("select 1 from entry where step = 0 and subject like 'act_%'")).rows.length;
    // One of the two has room, and both together have not.
    const most = asked + 1;
    const found = await pastUses(control, none, draft, { most });
    expect([found.windows, found.empty]).toEqual([[all], [own]]);
    expect(found.uses.length).toBeGreaterThan(5);
    expect((await pastUses(control, none, draft, { most: 2 * asked })).windows).toEqual([all, own]);
  });

  it("is what lies in the limit's own workflow, also where another limit is over all of them", async () => {
    const control = world.base.control;
    const read: unknown[] = [];
    const { db } = control.parts;
    const connect = async () => {
      const session = await db.connect();
      const copyEach: typeof session.copyEach = (query, each) => {
        read.push(query.values?.[3]);
        return session.copyEach(query, each);
      };
      return new Proxy(session, { get: (of, name) => (name === "copyEach" ? copyEach : Reflect.get(of, name, of)) });
    };
    const spied = { ...control, parts: { ...control.parts, db: { ...db, connect } } } as typeof control;
    await pastUses(spied, nothingCounted(), inForce());
    expect(new Set(read)).toEqual(new Set(["deeds-upkeep", null]));
    const pages = read.filter((workflow) => workflow === null).length;
    expect(read.filter((workflow) => workflow === "deeds-upkeep")).toHaveLength(pages);
  });

  it("is only what is done, where a window counts once it is done", async () => {
    const control = world.base.control;
    const { hall } = await answering({ kind: "answered", result: { content: [], isError: true } });
    const failed = await submit("put", "error", hall);
    const draft = inForce();
    const policies = draft.policies.map((policy) => {
      const { window } = policy.annotations;
      const annotations = { ...policy.annotations, window: `${window} once done` };
      return window === undefined ? policy : { ...policy, annotations };
    });
    const actions = async (over: CompiledPolicies) =>
      (await pastUses(control, nothingCounted(), over)).uses.map(({ action }) => action);
    expect(await actions(draft)).toContain(failed.id);
    const done = await actions({ ...draft, policies });
    expect(done.length).toBeGreaterThan(5);
    expect(done).not.toContain(failed.id);
  });

  it("counts again what was on its way while it was put in force, and nothing twice", async () => {
    const control = world.base.control;
    await apply(limit("bounded", "most: 100, within: 1d"));
    const before = await rows("bounded");
    await base.owner.query("delete from window_use where window_key = 'deeds-upkeep/guardrail/bounded'");
    await fillAgain(control, (sinceMs) => pastUses(control, nothingCounted(), inForce(), { sinceMs }));
    expect((await rows("bounded")).map(({ action }) => action)).toEqual(before.map(({ action }) => action));
    await fillAgain(control, (sinceMs) => pastUses(control, nothingCounted(), inForce(), { sinceMs }));
    expect(await rows("bounded")).toHaveLength(before.length);
  });
});
