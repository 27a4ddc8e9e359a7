import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import {
  answer,
  issueAgentKey,
  reverseAction,
  revokeAgentCredential,
  rotateAgentKey,
  showApproval,
} from "../governance/index.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { resume } from "./resume.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), approvals: 2 });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});
afterEach(() => base.owner.query("update credential set slot = null, revoked_at = coalesce(revoked_at, now())"));

const account = { agent: "robot", environment: "sandbox" };
const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;
const wordsOf = async (id: string) => (await world.base.hall.open(id))?.risk?.words.map(({ word }) => word) ?? [];

const key = async () => (await issueAgentKey(world.base.control, ana, account)).credential;

async function held(marker: string, credential: string): Promise<string> {
  const asked = call("ask_put", { marker });
  const { view } = await world.base.hall.submit({ ...world.caller, credential }, asked, { waitMs: 0 });
  expect(view.state).toBe("held");
  return view.id;
}

async function look(person: PersonCaller, action: string) {
  const { callDigest, shownDigest = "" } = await showApproval(world.base.control, person, action);
  return { callDigest, shownDigest };
}

const approve = async (person: PersonCaller, action: string, shown?: Awaited<ReturnType<typeof look>>) =>
  answer(world.base.control, person, {
    ...(shown ?? (await look(person, action))),
    ...{ action, verdict: "approve", reason: "looks right" },
  });

const revoke = (credential: string) => revokeAgentCredential(world.base.control, ana, credential, "it leaked");

describe("what is held under a key that is revoked", () => {
  it("says so as a high risk, and only who approves it as such lets it run", async () => {
    const credential = await key();
    const id = await held("leaked-1", credential);
    await approve(bo, id);
    const before = await look(ana, id);
    expect(await wordsOf(id)).not.toContain("revoked key");
    await revoke(credential);
    await until("its mark", async () => (await wordsOf(id)).includes("revoked key"));
    expect((await world.base.hall.open(id))?.risk?.level).toBe("high");
    await expect(approve(ana, id, before)).rejects.toMatchObject({ code: "conflict" });
    const after = await look(ana, id);
    expect([after.shownDigest, after.callDigest]).not.toEqual([before.shownDigest, before.callDigest]);
    // Bo's approval was of the page before.
    await approve(ana, id);
    await world.base.hall.sweep();
    expect([await stateOf(id), effectsOf("leaked-1").length]).toEqual(["held", 0]);
    await approve(bo, id);
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("leaked-1")).toHaveLength(1);
  });

  it("is told from what another key asked for, and a rotation refuses nothing", async () => {
    const credential = await key();
    const old = await held("rotated-1", credential);
    const next = await rotateAgentKey(world.base.control, ana, account);
    const under = await held("rotated-2", next.credential);
    await revoke(credential);
    await until("its mark", async () => (await wordsOf(old)).includes("revoked key"));
    await world.base.hall.sweep();
    expect(await wordsOf(under)).not.toContain("revoked key");
    for (const id of [old, under]) {
      await approve(bo, id);
      await approve(ana, id);
      await until("its run", async () => (await stateOf(id)) === "done");
    }
  });

  it("does not run by approvals that were given while no replica had looked at it again", async () => {
    const credential = await key();
    const id = await held("leaked-2", credential);
    await approve(bo, id);
    await until("its look", async () => {
      const text = "select 1 from open_action where id = $1 and look_at is null and claimed_by is null";
      return (await base.owner.query(text, [id])).rowCount === 1;
    });
    const before = await look(ana, id);
    await base.owner.query("update credential set slot = null, revoked_at = now() where id = $1", [credential]);
    await expect(approve(ana, id, before)).rejects.toMatchObject({ code: "conflict" });
    await until("its mark", async () => (await wordsOf(id)).includes("revoked key"));
    // Bo's approval was of the page before.
    await approve(ana, id);
    await world.base.hall.sweep();
    expect([await stateOf(id), effectsOf("leaked-2").length]).toEqual(["held", 0]);
    await world.base.hall.cancel(cy, id, "over");
  });

  it("is marked also where the key is revoked while it is being decided again", async () => {
    const { parts, keeper } = world.base.control;
    const plane = keeper.current();
    const later: typeof plane = {
      ...plane,
      decide: (input) => {
        const decision = plane.decide(input);
        const requirements = decision.requirements.map((one) =>
          one.kind === "approval" ? { ...one, openMs: one.openMs + 1 } : one,
        );
        return { ...decision, requirements };
      },
    };
    const givenBack = (credential: string): typeof parts => ({
      ...parts,
      db: {
        ...parts.db,
        query: async (...query: Parameters<typeof parts.db.query>) => {
          if (String(query[0]).startsWith("update open_action set claimed_by = null")) await revoke(credential);
          return parts.db.query(...query);
        },
      } as typeof parts.db,
    });
    const heldAnew = (credential: string): typeof parts => ({
      ...parts,
      plane: { current: () => later },
      at: (point) => (point === "before_hold" ? revoke(credential) : undefined),
    });
    for (const [name, through] of [
      ["given back", givenBack],
      ["held anew", heldAnew],
    ] as const) {
      const credential = await key();
      const id = await held(`meanwhile, ${name}`, credential);
      await resume(through(credential), id);
      await until(`its mark, ${name}`, async () => (await wordsOf(id)).includes("revoked key"));
      await world.base.hall.cancel(cy, id, "over");
    }
  });

  it("is refused where nobody is asked about it, and runs where the key is live", async () => {
    const { parts, keeper } = world.base.control;
    const plane = keeper.current();
    const allowing: typeof plane = {
      ...plane,
      decide: (input) => ({ ...plane.decide(input), effect: "allow", requirements: [] }),
    };
    const credential = await key();
    const ids = [await held("unasked-1", credential), await held("unasked-2", credential)] as const;
    await resume({ ...parts, plane: { current: () => allowing } }, ids[0]);
    expect(await stateOf(ids[0])).toBe("done");
    await base.owner.query("update credential set slot = null, revoked_at = now() where id = $1", [credential]);
    await resume({ ...parts, plane: { current: () => allowing } }, ids[1]);
    const view = await world.base.hall.get(world.caller, ids[1]);
    expect(view).toMatchObject({ state: "refused", refusal: "stopped" });
    expect(view.sentence).toContain("revoked while it waited");
    expect(effectsOf("unasked-2")).toEqual([]);
  });

  it("is not an undo that a person asks for, whatever became of the key of its deed", async () => {
    const credential = await key();
    const { hall, control } = world.base;
    const done = await hall.submit({ ...world.caller, credential }, call("put", { marker: "undone-1" }));
    await revoke(credential);
    const undone = await reverseAction(control, bo, done.view.id, "not so");
    const { rows } = await base.owner.query("select 1 from entry where subject = $1", [undone.view.id]);
    expect([undone.view.state, rows.length > 0]).toEqual(["done", true]);
    const { readCall } = await import("./read-call.ts");
    expect((await readCall(control.parts, undone.view.id)).credential).toBe(bo.credential);
  });
});
