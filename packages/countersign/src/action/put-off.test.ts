import { afterAll, beforeAll, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { openAlerts } from "../governance/index.ts";
import type { Parts } from "./parts.ts";
import { mostRounds } from "./put-off.ts";
import { resume } from "./resume.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

it("an action under which the rules move again and again is looked at later and later, stays held, and people are told", async () => {
  const { control, hall, db } = world.base;
  const { view } = await hall.submit(world.caller, call("ask_put", { marker: "moved" }), { waitMs: 0 });
  // From here on only this test takes it up.
  await hall.drain(0);
  await lookAndAnswer({ ...control, hall: { ...hall, nudge: () => undefined } }, bo, {
    action: view.id,
    verdict: "approve",
    reason: "looks right",
  });
  const { id } = view;
  let revision = 1_000_000;
  const moving: Parts = {
    ...control.parts,
    plane: { current: () => ({ ...control.parts.plane.current(), revision: revision++ }) },
  };
  /** From before it was put off, and from after that: the wait itself is between the two. */
  const waits: (readonly [number, number])[] = [];
  const nowMs = async () =>
    Number((await base.owner.query("select extract(epoch from clock_timestamp())::float8 * 1000 as ms")).rows[0]?.ms);
  const alerts = async () => (await openAlerts(db)).filter(({ kind, subject }) => kind === "moved" && subject === id);
  for (let round = 1; round <= mostRounds + 1; round++) {
    expect(await alerts()).toEqual([]);
    const before = await nowMs();
    await resume(moving, id);
    const after = await nowMs();
    const { rows } = await base.owner.query<{ state: string; ms: number }>(
      "select state, extract(epoch from look_at)::float8 * 1000 as ms from open_action where id = $1",
      [id],
    );
    expect(rows[0]?.state).toBe("held");
    const at = rows[0]?.ms ?? 0;
    waits.push([at - before, at - after]);
  }
  const doubled = waits
    .slice(0, mostRounds)
    .every(([most, least], round) => most > 250 * 2 ** round * 0.49 && least <= 250 * 2 ** round);
  expect([waits, doubled]).toEqual([expect.anything(), true]);
  expect(waits.at(-1)?.[0]).toBeGreaterThan(599_000);
  expect(await alerts()).toMatchObject([{ sentence: expect.stringContaining("stays held") }]);
  expect(world.recorder.effects()).toEqual([]);

  // Once nothing moves, it runs, and the alert is over.
  await resume(control.parts, id);
  expect((await hall.get(world.caller, id)).state).toBe("done");
  expect(world.recorder.effects()).toHaveLength(1);
  expect(await alerts()).toEqual([]);
});
