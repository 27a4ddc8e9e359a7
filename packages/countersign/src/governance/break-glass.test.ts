import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { held, look, say } from "../../../../test/faults/approver.ts";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { readReceipt } from "../action/index.ts";
import { resume } from "../action/resume.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { breakGlass } from "./break-glass.ts";
import type { Control } from "./control.ts";
import { lift, listGlass, openAlerts, reviewGlass, settleAlert, showApproval, stop } from "./index.ts";
import { raiseAlerts } from "./raise-alerts.ts";

const two = { approvals: 2, exclude: "requester, owner" };
const on = { ...two, breakGlass: "{ by: [di@acme.example, cy@acme.example] }" };

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), ...on });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});
const control = () => world.base.control;
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;
const ran = (id: string) => until("its run", async () => (await stateOf(id)) === "done");
const alertsOf = async (kind: string) => (await openAlerts(control().parts.db)).filter((alert) => alert.kind === kind);

/** A server on which it is this much earlier. */
function earlier(ms: number): Control {
  const { ledger } = control().parts;
  const now = () => ledger.now() - ms;
  return { ...control(), parts: { ...control().parts, ledger: Object.create(ledger, { now: { value: now } }) } };
}

async function broken(person: PersonCaller, action: string, of = control()) {
  const shown = await look(of, person, action);
  return breakGlass(of, person, { action, ...shown, reason: "nobody else is awake and the site is down" });
}

const end = (id: string) => world.base.hall.cancel(world.caller, id, "over");

describe("MT-150 break-glass", () => {
  it("lets one person who is named answer alone, once, and says so in words wherever it is told", async () => {
    const id = await held(world, { marker: "glass-1" });
    await say(control(), bo, id);
    const offer = (await showApproval(control(), di, id)).breakGlass;
    expect(offer).toMatchObject({
      as: "as named for it",
      missing: [{ from: "editors", missing: 1, given: [bo.email] }],
      withinMs: 900_000,
      reviewMs: 86_400_000,
    });
    const { glass } = await broken(di, id);
    await ran(id);
    const receipt = await readReceipt(control().parts, id);
    expect(receipt.approvals.sentence).toContain(
      `${di.email} approved it alone by break-glass as named for it, in place of 1 answer from \`editors\` beside ${bo.email}`,
    );
    expect(receipt.approvals.answers.at(-1)).toMatchObject({
      person: di.email,
      reason: "nobody else is awake and the site is down",
      breakGlass: { id: glass, missing: [{ from: "editors", missing: 1 }] },
    });
    expect(receipt.what.moves).toContainEqual(expect.objectContaining({ kind: "glass", person: di.email }));
    // Used up with this call, like every approval.
    const unused = "select 1 from answer where action = $1 and consumed_at is null";
    expect((await control().parts.db.query(unused, [id])).rowCount).toBe(0);
  });

  it("is loud until somebody else has said what they found, and nothing else silences it", async () => {
    const id = await held(world, { marker: "glass-2" });
    const { glass = "" } = await broken(di, id);
    await ran(id);
    const [alert] = (await alertsOf("break-glass")).filter(({ subject }) => subject === glass);
    expect(alert?.sentence).toMatch(
      new RegExp(
        `^di@acme.example answered ${id} alone .* in place of 2 answers from .editors. .* has to review it by `,
      ),
    );
    await expect(settleAlert(control(), bo, alert?.id ?? "", "seen")).rejects.toMatchObject({
      code: "conflict",
      help: expect.stringContaining(`review \`${glass}\``),
    });
    // A viewer's glass is reviewed by who may review, and never by who broke it, whatever they are by then.
    const admin: PersonCaller = { ...di, roles: ["admin"] };
    for (const person of [di, admin, { ...bo, vouchedBy: [di.email] }])
      await expect(reviewGlass(control(), person, glass, "all well")).rejects.toMatchObject({ code: "forbidden" });
    const lineFor = async (person: PersonCaller) =>
      (await listGlass(control(), person)).find((one) => one.id === glass);
    expect(await lineFor(bo)).toMatchObject({ state: "open", by: di.email, yours: true });
    expect(await lineFor(di)).toMatchObject({ yours: false, reason: expect.stringContaining("nobody else is awake") });
    await reviewGlass(control(), bo, glass, "the pager shows it: it was right");
    expect(await alertsOf("break-glass")).not.toContainEqual(expect.objectContaining({ subject: glass }));
    const reviewed = { state: "reviewed", reviewedBy: bo.email, found: "the pager shows it: it was right" };
    expect(await lineFor(ana)).toMatchObject({ ...reviewed, yours: false });
    await expect(reviewGlass(control(), ana, glass, "me too")).rejects.toMatchObject({ code: "conflict" });
    // The database itself knows that nobody reviews their own.
    const own = control().parts.db.query("update broken_glass set reviewed_by = person where id = $1", [glass]);
    await expect(own).rejects.toThrow();
  });

  it("is overdue, and a second alert says so, where nobody reviewed it in time", async () => {
    const id = await held(world, { marker: "glass-late" });
    const { glass = "" } = await broken(di, id);
    await ran(id);
    const { db } = control().parts;
    await db.query("update broken_glass set due_at = broken_at where id = $1", [glass]);
    await raiseAlerts(control(), { anchors: [], alarm: null } as never, new Map());
    const late = { subject: glass, sentence: expect.stringContaining("nobody has reviewed it by") };
    expect(await alertsOf("glass-overdue")).toMatchObject([late]);
    const [alert] = await alertsOf("glass-overdue");
    await expect(settleAlert(control(), bo, alert?.id ?? "", "seen")).rejects.toMatchObject({ code: "conflict" });
    expect((await listGlass(control(), bo))[0]).toMatchObject({ id: glass, state: "overdue" });
    await reviewGlass(control(), bo, glass, "late, and right");
    expect(await alertsOf("glass-overdue")).toEqual([]);
  });

  it("is bound to what was shown: another call takes none of it", async () => {
    const id = await held(world, { marker: "glass-bound" });
    const shown = await look(control(), di, id);
    for (const wrong of [{ callDigest: `sha256:${"1".repeat(64)}` }, { shownDigest: `sha256:${"2".repeat(64)}` }])
      await expect(breakGlass(control(), di, { action: id, ...shown, ...wrong, reason: "no" })).rejects.toMatchObject({
        code: "conflict",
      });
    expect(await stateOf(id)).toBe("held");
    await end(id);
  });

  it("stands for nothing that is taken up later than it says", async () => {
    const late = await held(world, { marker: "glass-expired" });
    await broken(di, late, earlier(1_200_000));
    await resume(control().parts, late);
    expect(await stateOf(late)).toBe("held");
    // Whoever looks again may break it again, and both are reviewed.
    await broken(di, late);
    await ran(late);
    expect((await listGlass(control(), bo)).filter(({ action }) => action === late)).toHaveLength(2);
  });

  it("is broken once at a time, however many want to, and on whatever replica", async () => {
    for (let round = 0; round < 4; round++) {
      const id = await held(world, { marker: `glass-race-${round}` });
      const shown = await look(control(), di, id);
      const both = await Promise.allSettled(
        [1, 2].map((n) => breakGlass(control(), di, { action: id, ...shown, reason: `nobody else is awake, ${n}` })),
      );
      await ran(id);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect((await listGlass(control(), bo)).filter(({ action }) => action === id)).toHaveLength(1);
    }
  });

  it("is not offered, and not broken again, while it stands", async () => {
    const id = await held(world, { marker: "glass-stands" });
    const shown = await look(control(), di, id);
    // Standing, and taken up by nobody yet.
    const text =
      "insert into answer (action, policy, policy_digest, call_digest, person, groups, verdict, reason, method, shown_digest, at, vouched_by, shown_ms, size, skimmed, asked_at, glass_until) select $1, $2, 'other rules', $3, $4, '[]', 'approve', '', 'cli', $5, clock_timestamp(), '[]', 1, 1, false, clock_timestamp(), clock_timestamp() + interval '1 hour'";
    const { callDigest, shownDigest } = shown;
    await base.owner.query(text, [id, "some-policy", callDigest, cy.email, shownDigest]);
    expect((await showApproval(control(), di, id)).breakGlass).toBeUndefined();
    await expect(broken(di, id)).rejects.toMatchObject({ code: "conflict" });
    await end(id);
  });

  it("takes nothing from what the same person answered as one of several", async () => {
    await world.apply({ ...on, breakGlass: "{ by: [bo@acme.example] }" });
    const id = await held(world, { marker: "glass-beside" });
    await say(control(), bo, id);
    await broken(bo, id, earlier(1_200_000));
    await resume(control().parts, id);
    expect(await stateOf(id)).toBe("held");
    await world.apply(on);
    expect((await showApproval(control(), di, id)).breakGlass?.missing).toMatchObject([{ given: [bo.email] }]);
    await end(id);
  });

  it("is off where the workspace does not switch it on, and only for whom it names", async () => {
    const id = await held(world, { marker: "glass-off" });
    await expect(broken(bo, id)).rejects.toMatchObject({ code: "forbidden" });
    await world.apply(two);
    expect((await showApproval(control(), di, id)).breakGlass).toBeUndefined();
    await expect(broken(di, id)).rejects.toMatchObject({
      code: "forbidden",
      detail: "nobody breaks the glass here",
      help: expect.stringContaining("approvals.breakGlass"),
    });
    await end(id);
  });

  it("is not for the owner where a policy excludes them, and never for who asked, also where they may approve", async () => {
    await world.apply(on);
    const id = await held(world, { marker: "glass-owner" });
    await expect(broken(cy, id)).rejects.toMatchObject({ code: "forbidden", detail: "the owner may not answer this" });
    await end(id);
    await world.apply({ ...on, exclude: "" });
    const caller = { ...world.caller, onBehalfOf: di.email, vouchedBy: [] };
    const own = await held(world, { marker: "glass-own" }, caller);
    const why = { code: "forbidden", detail: "the requester may not answer this" };
    await expect(broken(di, own)).rejects.toMatchObject(why);
    await expect(broken({ ...cy, vouchedBy: [di.email] }, own)).rejects.toMatchObject({ code: "forbidden" });
    await broken(cy, own);
    await until("its run", async () => (await world.base.hall.get(caller, own)).state === "done");
  });

  it("is for nothing that a rule says is never broken, that is stopped, or that needs no more than this person", async () => {
    const never = "{ tool: deeds.remove, from: editors, count: 2, glass: never }";
    await world.apply({ ...on, allow: "deeds.put, deeds.look", ask: never });
    const { caller, base: server } = world;
    const asked = { server: "deeds", tool: "remove", method: "tools/call", args: { marker: "glass-never" } };
    const params = { name: "remove", arguments: asked.args };
    const { view } = await server.hall.submit(caller, { ...asked, params, door: "http" } as never, { waitMs: 0 });
    expect(view.state).toBe("held");
    await expect(broken(di, view.id)).rejects.toMatchObject({
      code: "forbidden",
      detail: expect.stringContaining("says that nobody breaks the glass over it"),
    });
    await end(view.id);
    await world.apply({ ...on, approvals: 1, breakGlass: "{ by: [bo@acme.example, di@acme.example] }" });
    const plain = await held(world, { marker: "glass-plain" });
    await expect(broken(bo, plain)).rejects.toMatchObject({ code: "conflict", help: "approve it" });
    const shown = await look(control(), di, plain);
    const { stop: taken } = await stop(control(), bo, { scope: "everything", name: "", reason: "a drill" } as never);
    const frozen = breakGlass(control(), di, { action: plain, ...shown, reason: "in spite of it" });
    await expect(frozen).rejects.toMatchObject({ code: "conflict", detail: expect.stringContaining("frozen") });
    await lift(control(), ana, taken.id, "over");
    await end(plain);
  });
});
