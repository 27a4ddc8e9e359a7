import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { audit } from "../faults/audit.ts";
import { startServer } from "../faults/kills.ts";
import { call, openWorld, until, type World } from "../faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), timeoutMs: 500 });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const kindsOf = async (id: string): Promise<string> =>
  (await base.owner.query<{ kind: string }>("select kind from entry where subject = $1 order by step", [id])).rows
    .map((row) => row.kind)
    .join(" ");

async function killed(point: "after_intent" | "after_call", marker: string): Promise<string> {
  const server = startServer({
    folder: world.folder,
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    leaseMs: 1000,
  });
  await server.ready;
  const gone = once(server.child, "exit");
  await expect(server.order({ submission: call("put", { marker }), at: point })).rejects.toThrow("gone");
  expect((await gone)[1]).toBe("SIGKILL");
  const { rows } = await base.owner.query<{ subject: string }>(
    "select subject from entry where to_state = 'running' order by recorded_at desc limit 1",
  );
  return rows[0]?.subject ?? "";
}

it("MT-119 a server killed between the record and the call leaves an unknown, which is looked up and settled", async () => {
  const id = await killed("after_intent", "kill-before");
  expect(world.recorder.effects()).toEqual([]);
  await until("its unknown", async () => (await kindsOf(id)).startsWith("intent unknown"));
  await until("its settling", async () => (await kindsOf(id)) === "intent unknown settled");
  expect(await world.base.hall.get(world.caller, id)).toMatchObject({ state: "failed" });
  expect(world.recorder.effects()).toEqual([]);
});

it("MT-119 a server killed between the call and its outcome leaves an unknown, which is found to have happened", async () => {
  const id = await killed("after_call", "kill-after");
  await until("its settling", async () => (await kindsOf(id)) === "intent unknown settled");
  expect(await world.base.hall.get(world.caller, id)).toMatchObject({ state: "done" });
  const again = await world.base.hall.submit(world.caller, call("put", { marker: "kill-after" }));
  expect(again.view.id).toBe(id);
  expect(world.recorder.effects().filter((effect) => effect.marker === "kill-after")).toHaveLength(1);
});

it("MT-40 a ledger in which one byte of one entry was changed names that entry", async () => {
  const { view } = await world.base.hall.submit(world.caller, call("put", { marker: "flip" }));
  expect((await audit(base.owner, [], [])).violations.chain).toEqual([]);
  const { rows } = await base.owner.query<{ writer: string; seq: number }>(
    "select writer, seq from entry where subject = $1 order by step limit 1",
    [view.id],
  );
  await base.owner.query("alter table entry disable trigger user");
  await base.owner.query(
    "update entry set leaf = set_byte(leaf, 8, get_byte(leaf, 8) # 1) where writer = $1 and seq = $2",
    [rows[0]?.writer, rows[0]?.seq],
  );
  const { chain } = (await audit(base.owner, [], [])).violations;
  expect(chain.some((fault) => fault.startsWith(`${rows[0]?.writer} ${rows[0]?.seq} `))).toBe(true);
});
