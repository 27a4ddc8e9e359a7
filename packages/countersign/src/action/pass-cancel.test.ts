import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer, Dispatch } from "../execution/connector.ts";
import { cancelAction } from "../governance/index.ts";
import { cancelChannel } from "./index.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), timeoutMs: 60_000 });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});
afterEach(() => world.rest());

/** A replica as another process is one, with a call on the wire that ends where it is cancelled. */
async function sendElsewhere(marker: string) {
  const calls: Dispatch[] = [];
  const replica: Replica = await world.replica({
    ownPlane: true,
    connector: {
      call: (dispatch) => {
        calls.push(dispatch);
        return new Promise<Answer>((resolve) =>
          dispatch.signal.addEventListener("abort", () => resolve({ kind: "lost", reason: "it was cancelled" })),
        );
      },
    },
  });
  const asked = replica.hall.submit(world.caller, call("put", { marker }));
  await until("the call", () => calls.length === 1);
  const [{ actionId, signal }] = calls as [Dispatch];
  return { replica, asked, actionId, signal };
}

it("a cancellation reaches the replica that runs the action, whoever asks where", async () => {
  const { asked, actionId, signal } = await sendElsewhere("cancel-1");
  await base.owner.query("select pg_notify($1, $2)", [cancelChannel, "no cancellation"]);
  expect(world.base.control.parts.inFlight.has(actionId)).toBe(false);
  const view = await cancelAction(world.base.control, bo, actionId, "not wanted any more");
  expect(["running", "unknown"]).toContain(view.state);
  expect([signal.aborted, signal.reason]).toEqual([true, "not wanted any more"]);
  expect((await asked).view).toMatchObject({ id: actionId, state: "unknown" });
});

it("a cancellation that no replica takes is no success, and the action runs on", async () => {
  const { replica, asked, actionId, signal } = await sendElsewhere("cancel-2");
  // It hears nothing any more.
  await replica.control.keeper.close();
  const cancelled = world.base.hall.cancel(world.caller, actionId, "not wanted any more");
  await expect(cancelled).rejects.toMatchObject({
    code: "unavailable",
    detail: expect.stringContaining("did not take the cancellation"),
  });
  expect(signal.aborted).toBe(false);
  await replica.hall.drain(0);
  await asked;
});
