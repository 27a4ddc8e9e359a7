import { afterAll, beforeAll, expect, it } from "vitest";
import { held, look } from "../../../../test/faults/approver.ts";
import { ana, bo } from "../../../../test/faults/workspace.ts";
import { openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { answer, edit, issueAgentKey } from "./index.ts";

const rules = { exclude: "requester, owner" };

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), ...rules });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

/** The control of a server to whose first write something else comes, after everything was checked and before it is written. */
function lateBy(change: () => Promise<void>) {
  const { control } = world.base;
  const { ledger } = control.parts;
  let came = false;
  const append: typeof ledger.append = async (item) => {
    if (!came) {
      came = true;
      await change();
    }
    return ledger.append(item);
  };
  return { ...control, parts: { ...control.parts, ledger: Object.create(ledger, { append: { value: append } }) } };
}

/** The rules now ask two people: the same call on the same target is another page. */
async function askTwo(id: string): Promise<void> {
  const { control, hall } = world.base;
  const before = await look(control, bo, id);
  await world.apply({ ...rules, approvals: 2 });
  await until("the new question", async () => {
    hall.nudge(id);
    const { callDigest, shownDigest } = await look(control, bo, id);
    expect(callDigest).toBe(before.callDigest);
    return shownDigest !== before.shownDigest;
  });
}

const answered = async (id: string): Promise<number> =>
  (await world.base.control.parts.db.query("select 1 from answer where action = $1", [id])).rowCount;

it("is no answer to a page that became another between the check and the write", async () => {
  for (const verdict of ["approve", "deny"] as const) {
    await world.apply(rules);
    const id = await held(world, { marker: `late-${verdict}` });
    const shown = await look(world.base.control, bo, id);
    const late = answer(
      lateBy(() => askTwo(id)),
      bo,
      { action: id, verdict, reason: "as shown", ...shown },
    );
    await expect(late).rejects.toMatchObject({
      code: "conflict",
      detail: "what waits now is not what you were shown",
    });
    expect(await answered(id)).toBe(0);
    expect((await world.base.hall.get(world.caller, id)).state).toBe("held");
    // Whoever looks again answers what waits now.
    const again = await look(world.base.control, bo, id);
    await answer(world.base.control, bo, { action: id, verdict, reason: "looked again", ...again });
    if (verdict === "approve") {
      expect(await answered(id)).toBe(1);
      await world.base.hall.cancel(world.caller, id, "over");
    }
  }
});

it("is no edit of a page that became another, either", async () => {
  await world.apply(rules);
  const { credential } = await issueAgentKey(world.base.control, ana, { agent: "robot", environment: "sandbox" });
  await world.base.control.keeper.refresh();
  const id = await held(world, { marker: "late-edit" }, { ...world.caller, credential, vouchedBy: [ana.email] });
  const shown = await look(world.base.control, bo, id);
  const late = edit(
    lateBy(() => askTwo(id)),
    bo,
    { action: id, arguments: { marker: "late-edited" }, reason: "another", ...shown },
  );
  await expect(late).rejects.toMatchObject({ code: "conflict", detail: "what waits now is not what you were shown" });
  expect((await world.base.hall.get(world.caller, id)).state).toBe("held");
  await world.base.hall.cancel(world.caller, id, "over");
});
