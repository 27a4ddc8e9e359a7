import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, workflow } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { decidedSince } from "./decided-since.ts";
import { lintPolicies } from "./lint-policies.ts";
import { minimiseGrants } from "./minimise-grants.ts";

/** More than a page. */
const looks = 120;

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  const submit = async (tool: string, marker: string) =>
    (await world.base.hall.submit(world.caller, call(tool, { marker }))).view.state;
  expect(await submit("put", "jars/oldest")).toBe("done");
  for (let at = 0; at < looks; at++) expect(await submit("look", `jars/${at}`)).toBe("done");
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const minimise = (most?: number) =>
  minimiseGrants(world.base.control, world.base.sources, ana, workflow, 30, ...(most === undefined ? [] : [most]));
const unusedOf = async (most?: number) => {
  const more = most === undefined ? [] : [most];
  const { looked, isWhole, findings } = await lintPolicies(world.base.control, ana, 30, ...more);
  return { looked, isWhole, unused: findings.filter(({ kind }) => kind === "unused").map(({ policy }) => policy) };
};

it("all of the work counts, however much came after it", async () => {
  const minimal = await minimise();
  expect(minimal).toMatchObject({
    looked: looks + 1,
    isWhole: true,
    used: [
      { tool: "deeds.look", calls: looks },
      { tool: "deeds.put", calls: 1 },
    ],
    unused: ["deeds.remove", "deeds.ask_put"],
    replay: { work: looks + 1, same: looks + 1, broken: [] },
  });
  expect(minimal.difference.filter((line) => line.startsWith("- ")).join()).toContain("deeds.remove");
  expect(minimal.text).toContain("targets: [jars/]");
  const { unused, ...rest } = await unusedOf();
  expect(rest).toEqual({ looked: looks + 1, isWhole: true });
  expect(unused).toContain(`${workflow}/allow/deeds.remove`);
  expect(unused).not.toContain(`${workflow}/allow/deeds.put`);
  expect((await minimise(looks + 1)).isWhole).toBe(true);
});

it("where not all of it was looked at nothing is called unused, and nothing is proposed", async () => {
  const file = world.base.control.keeper.loaded().files[`workflows/${workflow}.yaml`];
  expect(await minimise(looks)).toMatchObject({
    looked: looks,
    isWhole: false,
    used: [{ tool: "deeds.look", calls: looks }],
    unused: [],
    text: file,
    difference: [],
    replay: { work: 0, same: 0, broken: [] },
  });
  expect(await unusedOf(looks)).toEqual({ looked: looks, isWhole: false, unused: [] });
});

it("gives no more than it was asked for, the newest first", async () => {
  const found: string[] = [];
  const { each, isWhole } = await decidedSince(world.base.control.parts, { sinceMs: 0, workflow, most: 101 });
  await each(({ action }) => found.push(action));
  expect([isWhole, found.length]).toEqual([false, 101]);
  expect(found).toEqual([...found].sort().reverse());
  const none = await decidedSince(world.base.control.parts, { sinceMs: 0, workflow: "another", most: 101 });
  await none.each(({ action }) => found.push(action));
  expect([none.isWhole, found.length]).toEqual([true, 101]);
});
