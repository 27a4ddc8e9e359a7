import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { answer, showApproval } from "../governance/index.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { revokeApproval } from "./approval-sql.ts";
import { giveBack } from "./claim-sql.ts";
import { openRow } from "./open-sql.ts";

// Each of them puts rules in force, which are compiled and proven: on a busy machine that is most of a minute.
vi.setConfig({ testTimeout: 240_000 });
const provenMs = 120_000;

let base: TestDatabase;
let world: World;
let other: Replica;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    exclude: "requester, owner",
  });
  other = await world.replica();
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;

async function held(marker: string, more: Record<string, string> = {}): Promise<string> {
  const asked = await world.base.hall.submit(world.caller, call("ask_put", { marker, ...more }), { waitMs: 0 });
  expect(asked.view).toMatchObject({ state: "held" });
  return asked.view.id;
}

async function say(
  person: PersonCaller,
  action: string,
  verdict: "approve" | "deny" = "approve",
  more: { callDigest?: string; reason?: string } = {},
) {
  const shown = await look(person, action);
  await answer(world.base.control, person, { action, verdict, ...shown, reason: "looks right", ...more });
}

/** What the person is shown, as far as their answer names it. */
async function look(person: PersonCaller, action: string) {
  const { callDigest, shownDigest = `sha256:${"0".repeat(64)}` } = await showApproval(
    world.base.control,
    person,
    action,
  );
  return { callDigest, shownDigest };
}

async function apply(change: Parameters<World["apply"]>[0]): Promise<void> {
  await world.apply({ exclude: "requester, owner", ...change });
}

describe("an approval", () => {
  afterEach(() => apply({}));

  it("lets the very call that was shown run once", async () => {
    const id = await held("approve-1");
    await say(bo, id);
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("approve-1")).toHaveLength(1);
    const { rows } = await base.owner.query<{ consumed_at: string | null }>(
      "select consumed_at from answer where action = $1",
      [id],
    );
    expect(rows).toMatchObject([{ consumed_at: expect.anything() }]);
  });

  it("of another digest is refused", async () => {
    const id = await held("approve-2");
    await expect(say(bo, id, "approve", { callDigest: "sha256:other" })).rejects.toMatchObject({ code: "conflict" });
    expect(await stateOf(id)).toBe("held");
    await world.base.hall.cancel(world.caller, id, "over");
  });

  it("of somebody who was not asked, or who owns the agent, is refused", async () => {
    const id = await held("approve-3");
    await expect(say(di, id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(say(cy, id)).rejects.toMatchObject({ code: "forbidden" });
    expect(effectsOf("approve-3")).toEqual([]);
    await world.base.hall.cancel(world.caller, id, "over");
  });

  it("that is denied ends the action, needs a reason, and the reason reaches the agent", async () => {
    const id = await held("approve-4");
    await expect(say(bo, id, "deny", { reason: "  " })).rejects.toMatchObject({ code: "invalid" });
    await say(bo, id, "deny", { reason: "the marker is wrong" });
    const view = await world.base.hall.get(world.caller, id);
    expect(view).toMatchObject({ state: "refused", refusal: "denied" });
    expect(view.sentence).toContain("the marker is wrong");
    await expect(say(ana, id)).rejects.toMatchObject({ code: "not_found" });
    expect(effectsOf("approve-4")).toEqual([]);
  });

  it("is void once the policy that asks has another text", async () => {
    await apply({ approvals: 2 });
    const id = await held("approve-5");
    const asked = async () => JSON.stringify((await openRow(world.base.db, id))?.requirements);
    const before = await asked();
    expect(before).toContain("asked for during 4h");
    await say(bo, id);
    await apply({ approvals: 2, open: "5h" });
    await until(
      "a new question",
      async () => {
        world.base.hall.nudge(id);
        return (await asked()).includes("asked for during 5h");
      },
      provenMs,
    );
    await say(ana, id);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stateOf(id)).toBe("held");
    await say(bo, id);
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("approve-5")).toHaveLength(1);
  });

  it("is asked from as many people as the policy says, and people who answer at once do not undo each other", async () => {
    await apply({ approvals: 2 });
    const id = await held("approve-6");
    await Promise.all([say(bo, id), say(ana, id)]);
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("approve-6")).toHaveLength(1);
  });

  it("of the same person twice counts once", async () => {
    await apply({ approvals: 2 });
    const id = await held("approve-7");
    await say(bo, id);
    await say(bo, id);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await stateOf(id)).toBe("held");
    await say(ana, id);
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("approve-7")).toHaveLength(1);
  });

  it("that was taken back does not count, also where it was read before", async () => {
    await apply({ approvals: 2 });
    const id = await held("approve-8");
    await say(bo, id);
    expect(await revokeApproval(world.base.db, id, bo.email)).toBe(1);
    await say(ana, id);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stateOf(id)).toBe("held");
    await say(bo, id);
    await until("its run", async () => (await stateOf(id)) === "done");
  });

  it("is taken up by another replica where the one that took the answer dies at once", async () => {
    const id = await held("approve-9");
    const shown = await look(bo, id);
    const { control } = world.base;
    const dying = { ...control, hall: { ...control.hall, nudge: () => undefined } };
    await answer(dying, bo, { action: id, verdict: "approve", ...shown, reason: "fine" });
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("approve-9")).toHaveLength(1);
  });

  it("that comes while a replica decides is not slept over", async () => {
    const id = await held("approve-10");
    // Else a replica may have looked at it again before its row is read.
    const lookAt = await world.base.db.transaction(async (tx) => {
      const { rows } = await tx.query<{ fence: number; step: number }>(
        "select fence, step from open_action where id = $1 for update",
        [id],
      );
      const [row] = rows;
      if (row === undefined) throw new Error("it is held");
      await giveBack(tx, { id, fence: row.fence, step: row.step - 1 }, null);
      return (await openRow(tx, id))?.look_at;
    });
    expect(lookAt).toEqual(expect.any(String));
    await world.base.hall.cancel(world.caller, id, "over");
  });
});

describe("a held action", () => {
  it("that nobody answers in time is refused as lapsed", async () => {
    const id = await held("lapse-1");
    await base.owner.query("update open_action set expires_at = clock_timestamp() where id = $1", [id]);
    await until("its end", async () => (await stateOf(id)) === "refused");
    expect(await world.base.hall.get(world.caller, id)).toMatchObject({ refusal: "lapsed" });
    await expect(say(bo, id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("is approved a hundred times at once on two replicas and runs once", async () => {
    for (let round = 0; round < 3; round++) {
      const id = await held(`hundred-${round}`);
      await look(ana, id);
      const request = { action: id, verdict: "approve" as const, ...(await look(bo, id)), reason: "fine" };
      const answers = Array.from({ length: 100 }, (_, at) =>
        answer(at % 2 === 0 ? world.base.control : other.control, at % 3 === 0 ? ana : bo, request).then(
          () => "taken",
          (thrown: { code: string }) => thrown.code,
        ),
      );
      const codes = new Set(await Promise.all(answers));
      expect([...codes].every((code) => ["taken", "conflict", "not_found"].includes(code))).toBe(true);
      await until("its run", async () => (await stateOf(id)) === "done");
      expect(effectsOf(`hundred-${round}`)).toHaveLength(1);
    }
  });

  it("ends with a refusal where its tool is gone, and a person can still settle or cancel", async () => {
    const one = await held("gone-1");
    const two = await held("gone-2");
    const before = world.recorder.definitions;
    const { upstreams, control, sources } = world.base;
    world.recorder.definitions = before.filter((one) => (one as { name: string }).name !== "ask_put");
    const gone = await world.replica();
    const plane = { ...control.keeper.current(), tool: () => undefined };
    const without = { ...gone.parts, plane: { current: () => plane } };
    const { cancel } = await import("./cancel.ts");
    const { resume } = await import("./resume.ts");
    await resume(without, one);
    expect(await world.base.hall.get(world.caller, one)).toMatchObject({ state: "refused", refusal: "tool" });
    await cancel(without, bo, two, "no longer there");
    expect(await stateOf(two)).toBe("refused");
    world.recorder.definitions = before;
    expect(upstreams.definitions().size + [...sources.packs.keys()].length).toBeGreaterThan(0);
  });

  it("whose tool was changed under it is refused, not run", async () => {
    const id = await held("changed-1");
    const before = world.recorder.definitions;
    const { control, upstreams } = world.base;
    const plane = control.keeper.current();
    const changed = {
      ...plane,
      tool: (server: string, name: string) => {
        const tool = plane.tool(server, name);
        return tool === undefined ? undefined : { ...tool, digest: "sha256:changed", reviewed: false };
      },
    };
    const { resume } = await import("./resume.ts");
    await resume({ ...world.base.control.parts, plane: { current: () => changed } }, id);
    expect(await world.base.hall.get(world.caller, id)).toMatchObject({ state: "refused" });
    expect(effectsOf("changed-1")).toEqual([]);
    expect([before.length, upstreams.definitions().size]).toEqual([4, 1]);
  });

  it("whose target came to lie in another environment is refused, whoever approved it", async () => {
    const id = await held("moved-1");
    await apply({ environment: "production" });
    await say(bo, id).catch(() => undefined);
    world.base.hall.nudge(id);
    // Not before the invariants were proven of the tool as it now is.
    await until("its end", async () => (await stateOf(id)) === "refused", provenMs);
    expect(effectsOf("moved-1")).toEqual([]);
    await apply({});
  });

  it("whose agent was taken out of the workspace is refused", async () => {
    const id = await held("agent-1");
    const { control } = world.base;
    const plane = { ...control.keeper.current(), caller: () => undefined };
    const { resume } = await import("./resume.ts");
    await resume({ ...control.parts, plane: { current: () => plane } }, id);
    expect(await world.base.hall.get(world.caller, id)).toMatchObject({ state: "refused", refusal: "stopped" });
  });

  it("whose agent lost its tier is asked for anew under another digest, or refused", async () => {
    const id = await held("tier-1");
    const { control } = world.base;
    const plane = control.keeper.current();
    const lower = {
      ...plane,
      caller: (agent: string, workflow: string) => {
        const known = plane.caller(agent, workflow);
        return known === undefined ? undefined : { ...known, tier: 1 as const };
      },
    };
    const { resume } = await import("./resume.ts");
    await resume({ ...control.parts, plane: { current: () => lower } }, id);
    expect(await stateOf(id)).toBe("refused");
    expect(effectsOf("tier-1")).toEqual([]);
  });
});

it("a cancellation that another's word comes before is no conflict: the action is cancelled as it then stands", async () => {
  for (const verdict of ["approve", "deny"] as const) {
    await apply({ approvals: 2 });
    const id = await held(`raced-cancel-${verdict}`);
    const { parts } = world.base.control;
    let appends = 0;
    const append: typeof parts.ledger.append = async (item) => {
      if (appends++ === 0) await say(bo, id, verdict);
      return parts.ledger.append(item);
    };
    const late = { ...parts, ledger: Object.create(parts.ledger, { append: { value: append } }) };
    const { cancel } = await import("./cancel.ts");
    const cancelled = cancel(late, cy, id, "no longer wanted");
    if (verdict === "approve") {
      expect(await cancelled).toMatchObject({ state: "refused", refusal: "cancelled" });
      expect(appends).toBeGreaterThan(1);
    } else {
      await expect(cancelled).rejects.toMatchObject({
        code: "conflict",
        detail: expect.stringContaining("this action is refused"),
      });
      expect(await world.base.hall.get(world.caller, id)).toMatchObject({ state: "refused", refusal: "denied" });
    }
  }
  await apply({});
});

it("an agent's stranger cannot answer, cancel or see a held action", async () => {
  const id = await held("stranger-1");
  const stranger = { ...world.caller, agent: "stranger" };
  await expect(world.base.hall.cancel(stranger, id, "mine")).rejects.toMatchObject({ code: "not_found" });
  await expect(world.base.hall.get(stranger, id)).rejects.toMatchObject({ code: "not_found" });
  await world.base.hall.cancel(world.caller, id, "over");
  expect(await world.base.hall.get(world.caller, id)).toMatchObject({ state: "refused", refusal: "cancelled" });
});
