import { bo, type WorkspaceOptions } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { OpenHall } from "../action/index.ts";
import type { Control } from "./control.ts";
import { goOnReversing } from "./go-on-reversing.ts";
import { openRun, readReversal, reverseRun } from "./index.ts";

/** A world in which nobody goes on with a reversal by itself. */
export async function openReversing(options: Partial<Omit<WorkspaceOptions, "url">> = {}) {
  const base: TestDatabase = await openTestDatabase();
  await base.owner.query(`create function keep_off() returns trigger language plpgsql as
    $$ begin new.look_at = 'infinity'; return new; end $$`);
  await base.owner.query(
    "create trigger keep_off before insert or update on run_reversal for each row execute function keep_off()",
  );
  const world: World = await openWorld({ ...options, databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  const { control, hall } = world.base;
  return {
    base,
    world,
    control,
    hall,
    /** A reversal of a run that put this many things. */
    async begun(prefix: string, count = 2, more: { readonly children?: boolean; readonly looks?: number } = {}) {
      const run = (await openRun(control, bo, { agent: world.caller.agent })).id;
      const deeds: string[] = [];
      for (let at = 0; at < count; at++) {
        const { view } = await hall.submit(world.caller, call("put", { marker: `${prefix}-${at}` }, { run }));
        if (view.state !== "done") throw new Error(view.sentence);
        deeds.push(view.id);
      }
      for (let at = 0; at < (more.looks ?? 0); at++)
        await hall.submit(world.caller, call("look", { marker: `${prefix}-${at}` }, { run }));
      const { children = false } = more;
      const id = await reverseRun(control, bo, { run, children, leave: [], reason: "the brief was wrong" });
      return { id, run, deeds: deeds.toReversed() };
    },
    goOn(id: string, instead: Partial<OpenHall> = {}, onQuery?: (text: string, values: unknown) => Promise<void>) {
      const { db } = control.parts;
      const query = async (asked: string | { readonly text: string }, values?: unknown[]) => {
        await onQuery?.(typeof asked === "string" ? asked : asked.text, values);
        return db.query(asked as string, values);
      };
      const heard = new Proxy(db, {
        get(of, name) {
          if (name === "query") return query;
          const member: unknown = Reflect.get(of, name, of);
          return typeof member === "function" ? member.bind(of) : member;
        },
      });
      const parts = onQuery === undefined ? control.parts : { ...control.parts, db: heard };
      const other: Control = { ...control, parts, hall: { ...control.hall, ...instead } };
      return goOnReversing(other, id, () => false);
    },
    now: (id: string) => readReversal(control, { id }, { limit: 200 }),
    /** How many actions there are in a run besides what it did. */
    async undosOf(run: string, deeds: readonly string[]) {
      const text =
        "select count(*)::int as n from entry where run = $1 and step = 0 and subject like 'act_%' and subject <> all($2)";
      return (await base.owner.query<{ n: number }>(text, [run, deeds])).rows[0]?.n;
    },
    async close() {
      await world.close();
      await base.close();
    },
  };
}

export type Reversing = Awaited<ReturnType<typeof openReversing>>;
