import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resume } from "../../packages/countersign/src/action/resume.ts";
import { type Assembled, assemble } from "../../packages/countersign/src/assemble.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { openAlerts, planWorkspace, whoCan } from "../../packages/countersign/src/governance/index.ts";
import { raiseAlerts } from "../../packages/countersign/src/governance/raise-alerts.ts";
import { requireWorkspaces } from "../../packages/countersign/src/governance/verify-workspaces.ts";
import { bump } from "../../packages/countersign/src/upkeep.ts";
import { call, configOf, nothing, openWorld, type World } from "../faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";

const invariants = `invariants:
  - name: nothing-is-removed
    title: nothing is ever removed
    when: |
      context.tool.id == "deeds.remove"
`;
const allow = "deeds.put, deeds.look";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), invariants });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const submit = async (tool: string, marker: string, plane: Assembled = world.base) =>
  (await plane.hall.submit(world.caller, call(tool, { marker }))).view;
const unproven = (plane: Assembled = world.base) => [...plane.control.keeper.loaded().unproven.keys()];
const alerts = async () => {
  await raiseAlerts(world.base.control, world.base.book.sequencer.status(), known);
  return (await openAlerts(world.base.db)).filter(({ kind }) => kind === "invariants-unproven");
};
const known = new Map();

// A solver starts anew for each proof.
describe("a tool that comes after the rules were put in force", { timeout: 300_000 }, () => {
  it("MT-112 stays out of force where an invariant of the organisation's own does not hold with it, and people are told", async () => {
    // At the first start no server had answered: the invariants were proven of no tools.
    expect(unproven()).toEqual(["deeds.remove"]);
    expect(await submit("put", "kept")).toMatchObject({ state: "done" });
    const refused = await submit("remove", "kept");
    expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
    expect(refused.sentence).toContain("invariant `nothing-is-removed` does not hold: agent `robot`");
    expect(world.recorder.effects().map(({ tool }) => tool)).toEqual(["put"]);
    const [told, ...more] = await alerts();
    expect(more).toEqual([]);
    expect(told).toMatchObject({ subject: "deeds", sentence: expect.stringContaining("`deeds.remove`") });
    const [line] = whoCan(world.base.control, { tool: "deeds.remove", environment: "sandbox" });
    expect(line).toMatchObject({ answer: "deny", sentence: expect.stringContaining("stays out of force") });
    expect(world.base.hall.mayEver(world.caller, "deeds", "remove")).toBe(false);
    expect(world.base.hall.mayEver(world.caller, "deeds", "put")).toBe(true);
  });

  it("is proven by a server that starts again, or stays out of force there too; what was proven needs no proof", async () => {
    const again = await assemble({
      config: configOf(world.folder, { databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) }),
      clock: systemClock,
      log: silent,
      tally: nothing,
    });
    try {
      expect(unproven(again)).toEqual(["deeds.remove"]);
      expect(await submit("put", "again", again)).toMatchObject({ state: "done" });
      expect(await submit("remove", "again", again)).toMatchObject({ state: "refused" });
    } finally {
      await again.close();
    }
  });

  it("comes into force where they hold, once they are proven and not before", async () => {
    const { control, sources, upstreams } = world.base;
    await world.apply({ invariants, allow });
    // What people put in force was proven of all that is listed.
    expect(unproven()).toEqual([]);
    expect(await alerts()).toEqual([]);
    expect(await submit("remove", "kept")).toMatchObject({
      state: "refused",
      sentence: expect.not.stringContaining("invariant"),
    });

    const before = world.recorder.definitions;
    const [first] = before as [{ readonly name: string }];
    world.recorder.definitions = [...before, { ...first, name: "later" }];
    const seen: (readonly string[])[] = [];
    control.keeper.onChange((loaded) => void seen.push([...loaded.unproven.keys()]));
    expect(await upstreams.observe()).toBe(true);
    await bump(control);
    expect(unproven()).toEqual(["deeds.later"]);
    expect(await submit("put", "meanwhile")).toMatchObject({ state: "done" });
    await control.keeper.proven();
    expect(unproven()).toEqual([]);
    expect(seen[0]).toEqual(["deeds.later"]);

    const files = { ...control.keeper.loaded().files };
    const file = "workflows/deeds-upkeep.yaml";
    files[file] = (files[file] ?? "").replace(`[${allow}]`, `[${allow}, deeds.remove]`);
    await expect(planWorkspace(control, sources, files)).rejects.toMatchObject({
      detail: expect.stringContaining("invariant `nothing-is-removed` does not hold"),
    });
  });

  it("is not believed to be proven by a backup that says so", async () => {
    const { db, control } = world.base;
    const forged = "insert into tool_proof (rules, tool, shape) values ('forged', 'deeds.remove', 'any')";
    await base.owner.query(forged);
    await requireWorkspaces(db, control.parts.wrap);
    expect((await base.owner.query("select 1 from tool_proof")).rows).toEqual([]);
  });

  it("keeps what is held waiting while it is being proven, and does not refuse it", async () => {
    const { control, hall } = world.base;
    const { view } = await hall.submit(world.caller, call("ask_put", { marker: "patient" }), { waitMs: 0 });
    expect(view.state).toBe("held");
    const plane = control.keeper.current();
    const proving = { ...control.parts, plane: { current: () => ({ ...plane, isPending: () => true }) } };
    await resume(proving, view.id);
    expect((await hall.get(world.caller, view.id)).state).toBe("held");
    const { rows } = await base.owner.query<{ soon: boolean }>(
      "select look_at > clock_timestamp() as soon from open_action where id = $1",
      [view.id],
    );
    expect(rows).toEqual([{ soon: true }]);
  });
});
