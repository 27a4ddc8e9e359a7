import { afterAll, beforeAll, expect, it } from "vitest";
import { ana } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { closePolicies } from "./close-policies.ts";
import { openAlerts, settleAlert } from "./index.ts";

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

it("a closed policy set denies everything on every replica, until a person has looked", async () => {
  const { control, hall } = world.base;
  const other = await world.replica({ ownPlane: true });
  const ask = (marker: string) => hall.submit(world.caller, call("look", { marker }));
  expect((await ask("open")).view.state).toBe("done");
  await closePolicies(control, { policies: [] }, ["stop"]);
  const refused = await ask("closed");
  expect(refused.view).toMatchObject({ state: "refused", refusal: "policy" });
  await other.control.keeper.refresh();
  const elsewhere = await other.hall.submit(world.caller, call("look", { marker: "elsewhere" }));
  expect(elsewhere.view).toMatchObject({ state: "refused", refusal: "policy" });
  const [alert] = (await openAlerts(base.db)).filter(({ kind }) => kind === "policy");
  expect(alert?.sentence).toContain("`stop`");
  await settleAlert(control, ana, alert?.id ?? "", "the other engine was wrong");
  expect((await ask("open again")).view.state).toBe("done");
});
