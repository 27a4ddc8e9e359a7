import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { dropExpiredClaims } from "./claim-sql.ts";
import { settleByPerson } from "./reconcile.ts";

let base: TestDatabase;
let world: World;
let other: Replica;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  other = await world.replica();
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);

describe("a key of the caller's own", () => {
  it("gives the first outcome again, on any replica, also after the answer was delivered", async () => {
    const { hall } = world.base;
    const asked = call("put", { marker: "key-1" }, { idempotencyKey: "k1" });
    const first = await hall.submit(world.caller, asked);
    expect(first.view.state).toBe("done");
    hall.delivered(first.view);
    const again = await hall.submit(world.caller, asked);
    const elsewhere = await other.hall.submit(world.caller, asked);
    expect([again.view.id, elsewhere.view.id]).toEqual([first.view.id, first.view.id]);
    expect(again.answer).toEqual(first.answer);
    expect(effectsOf("key-1")).toHaveLength(1);
  });

  it("is a conflict with other arguments", async () => {
    const { hall } = world.base;
    await hall.submit(world.caller, call("put", { marker: "key-2" }, { idempotencyKey: "k2" }));
    const changed = hall.submit(world.caller, call("put", { marker: "key-2b" }, { idempotencyKey: "k2" }));
    await expect(changed).rejects.toMatchObject({ code: "conflict" });
    expect(effectsOf("key-2b")).toEqual([]);
  });

  it("is a conflict with another tool and the same arguments", async () => {
    const { hall } = world.base;
    await hall.submit(world.caller, call("put", { marker: "key-3" }, { idempotencyKey: "k3" }));
    const changed = hall.submit(world.caller, call("remove", { marker: "key-3" }, { idempotencyKey: "k3" }));
    await expect(changed).rejects.toMatchObject({ code: "conflict" });
  });

  it("covers a call that is still under way elsewhere", async () => {
    const asked = call("put", { marker: "key-4", how: "slow:300" }, { idempotencyKey: "k4" });
    const [one, two] = await Promise.all([
      world.base.hall.submit(world.caller, asked),
      other.hall.submit(world.caller, asked),
    ]);
    expect(one?.view.id).toBe(two?.view.id);
    expect(effectsOf("key-4")).toHaveLength(1);
  });
});

describe("without a key", () => {
  it("an identical call attaches while the first is held, and gets its outcome", async () => {
    const { hall } = world.base;
    const asked = call("ask_put", { marker: "same-1" });
    const first = await hall.submit(world.caller, asked, { waitMs: 0 });
    const second = await other.hall.submit(world.caller, asked, { waitMs: 0 });
    expect(first.view.state).toBe("held");
    expect(second.view.id).toBe(first.view.id);
    await hall.cancel(world.caller, first.view.id, "not needed");
  });

  it("two replicas that race the same call make one effect", async () => {
    for (let round = 0; round < 10; round++) {
      const asked = call("put", { marker: `race-${round}`, how: "slow:30" });
      const answers = await Promise.all(
        [world.base.hall, other.hall, world.base.hall, other.hall].map((hall) => hall.submit(world.caller, asked)),
      );
      expect(new Set(answers.map((answer) => answer.view.id)).size).toBe(1);
      expect(effectsOf(`race-${round}`)).toHaveLength(1);
    }
  });

  it("an identical call gets the outcome whose answer was never delivered", async () => {
    const asked = call("put", { marker: "same-2" });
    const first = await world.base.hall.submit(world.caller, asked);
    const again = await other.hall.submit(world.caller, asked);
    expect(again.view.id).toBe(first.view.id);
    expect(again.answer).toEqual(first.answer);
    expect(effectsOf("same-2")).toHaveLength(1);
  });

  it("an identical call after a delivered answer is a new action", async () => {
    const { hall } = world.base;
    const asked = call("put", { marker: "same-3" });
    const first = await hall.submit(world.caller, asked);
    hall.delivered(first.view);
    const again = await hall.submit(world.caller, asked);
    expect(again.view.id).not.toBe(first.view.id);
    expect(effectsOf("same-3")).toHaveLength(2);
  });

  it("an identical call attaches to an unknown, and nothing is sent again", async () => {
    const { hall } = world.base;
    const asked = call("put", { marker: "same-4", how: "cut_after" });
    const first = await hall.submit(world.caller, asked);
    expect(first.view.state).toBe("unknown");
    hall.delivered(first.view);
    const again = await other.hall.submit(world.caller, asked);
    expect(again.view.id).toBe(first.view.id);
    expect(effectsOf("same-4")).toHaveLength(1);
  });

  it("who was told of an unknown asks again and gets its end, also where that came before the answer had arrived", async () => {
    const { hall, control } = world.base;
    const asked = call("put", { marker: "same-6", how: "cut_after" });
    const first = await hall.submit(world.caller, asked);
    expect(first.view.state).toBe("unknown");
    await settleByPerson(control.parts, bo, first.view.id, true, "it is there").catch(() => undefined);
    await until("its settling", async () => (await hall.get(world.caller, first.view.id)).state === "done");
    hall.delivered(first.view);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const again = await other.hall.submit(world.caller, asked);
    expect(again.view).toMatchObject({ id: first.view.id, state: "done" });
    expect(effectsOf("same-6")).toHaveLength(1);
    // Once its end is told, the same call is a new one.
    other.hall.delivered(again.view);
    const anew = async () => (await other.hall.submit(world.caller, call("put", { marker: "same-6" }))).view.id;
    await expect.poll(anew).not.toBe(first.view.id);
  });

  it("a name given back late takes nobody else's claim away", async () => {
    const { hall } = world.base;
    const asked = call("put", { marker: "same-5" });
    const first = await hall.submit(world.caller, asked);
    hall.delivered(first.view);
    const second = await hall.submit(world.caller, asked);
    expect(second.view.id).not.toBe(first.view.id);
    hall.delivered(first.view);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const third = await other.hall.submit(world.caller, asked);
    expect(third.view.id).toBe(second.view.id);
  });

  it("reads are not deduplicated", async () => {
    const asked = call("look", { marker: "read-1" });
    // Counted here and not at the upstream: what is unknown is looked up there meanwhile.
    const { connector } = world.base.control.parts;
    const sent: string[] = [];
    const replica = await world.replica({
      connector: {
        call: (dispatch) => {
          sent.push(dispatch.actionId);
          return connector.call(dispatch);
        },
      },
    });
    const [one, two] = await Promise.all([
      replica.hall.submit(world.caller, asked),
      replica.hall.submit(world.caller, asked),
    ]);
    expect(one?.view.id).not.toBe(two?.view.id);
    expect(sent.filter((id) => id === one?.view.id || id === two?.view.id)).toHaveLength(2);
  });
});

describe("claims that ran out, because more than a day has passed,", () => {
  const aDayLater = async (id: string) => {
    const { rowCount } = await base.owner.query(
      "update claim set expires_at = clock_timestamp() - interval '1 second' where subject = $1",
      [id],
    );
    expect(rowCount).toBe(1);
  };
  const asks = {
    "no key": (marker: string) => call("ask_put", { marker }),
    "a key": (marker: string) => call("ask_put", { marker }, { idempotencyKey: `key-${marker}` }),
  };

  it.each(Object.entries(asks))(
    "still hold while it is held and for a day from its end, with %s",
    async (how, asked) => {
      const { hall, control } = world.base;
      const marker = `late-${how.replace(" ", "-")}`;
      const first = await hall.submit(world.caller, asked(marker), { waitMs: 0 });
      expect(first.view.state).toBe("held");
      await aDayLater(first.view.id);
      await dropExpiredClaims(base.db);
      const second = await other.hall.submit(world.caller, asked(marker), { waitMs: 0 });
      expect(second.view.id).toBe(first.view.id);
      await lookAndAnswer(control, bo, { action: first.view.id, verdict: "approve", reason: "go" });
      await until("its run", async () => (await hall.get(world.caller, first.view.id)).state === "done");
      await dropExpiredClaims(base.db);
      const third = await other.hall.submit(world.caller, asked(marker), { waitMs: 0 });
      expect(third.view).toMatchObject({ id: first.view.id, state: "done" });
      expect(effectsOf(marker)).toHaveLength(1);
    },
  );

  it("still hold while nobody knows what became of it: nothing is sent again", async () => {
    const asked = call("put", { marker: "late-unknown", how: "cut_after" });
    // Its server shows nothing of it, so that it stays unknown.
    const { connector } = world.base.control.parts;
    const replica = await world.replica({
      connector: {
        call: async (dispatch) =>
          dispatch.params.name === "look" ? { kind: "lost", reason: "it does not say" } : connector.call(dispatch),
      },
    });
    const first = await replica.hall.submit(world.caller, asked);
    expect(first.view.state).toBe("unknown");
    await aDayLater(first.view.id);
    const again = await replica.hall.submit(world.caller, asked);
    expect(again.view.id).toBe(first.view.id);
    expect(effectsOf("late-unknown")).toHaveLength(1);
  });

  it("of what ended at once are over: a key is good for a day", async () => {
    const { hall } = world.base;
    const asked = call("put", { marker: "late-done" }, { idempotencyKey: "late-done" });
    const first = await hall.submit(world.caller, asked);
    expect(first.view.state).toBe("done");
    await aDayLater(first.view.id);
    const again = await hall.submit(world.caller, asked);
    expect(again.view.id).not.toBe(first.view.id);
  });
});

it("a run of another agent is not found, and another agent's action neither", async () => {
  const { hall } = world.base;
  const asked = hall.submit(world.caller, call("put", { marker: "run-1" }, { run: "run_of_somebody" }));
  await expect(asked).rejects.toMatchObject({ code: "not_found" });
  const mine = await hall.submit(world.caller, call("put", { marker: "run-2" }));
  const stranger = { ...world.caller, agent: "stranger" };
  await expect(hall.get(stranger, mine.view.id)).rejects.toMatchObject({ code: "not_found" });
  await until("its receipt", async () => (await hall.get(world.caller, mine.view.id)).state === "done");
});
