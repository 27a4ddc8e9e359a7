import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { resume } from "./resume.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), captures: true });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const canary = `ghp_${"c8Fk2LmQ9xYz7RtB3WcV6NdP1SgH4JeU5TqK"}`;

describe("a target's state", () => {
  it("is read before the deed, and not for a call that a check refuses", async () => {
    const { hall } = world.base;
    for (const args of [{ marker: canary }, { marker: "typed", value: { of: "another type" } as never }]) {
      const { view } = await hall.submit(world.caller, call("put", args));
      expect(view).toMatchObject({ state: "refused", refusal: "check" });
    }
    expect(["typed", canary].map(world.recorder.calls)).toEqual([0, 0]);
    const { view } = await hall.submit(world.caller, call("put", { marker: "read-first" }));
    expect(view).toMatchObject({ state: "done" });
    expect(world.recorder.calls("read-first")).toBe(2);
  });

  it("is not read again for a held call that a check refuses by now", async () => {
    const { hall, control } = world.base;
    const { view } = await hall.submit(world.caller, call("ask_put", { marker: "held-first" }), { waitMs: 0 });
    expect(view.state).toBe("held");
    const before = world.recorder.calls("held-first");
    const plane = control.keeper.current();
    const changed = {
      ...plane,
      tool: (server: string, name: string) => {
        const tool = plane.tool(server, name);
        const inputSchema = { type: "object", required: ["marker", "why"] };
        return tool === undefined ? undefined : { ...tool, definition: { ...tool.definition, inputSchema } };
      },
    };
    await resume({ ...control.parts, plane: { current: () => changed } }, view.id);
    expect(await hall.get(world.caller, view.id)).toMatchObject({ state: "refused", refusal: "check" });
    expect(world.recorder.calls("held-first")).toBe(before);
  });
});
