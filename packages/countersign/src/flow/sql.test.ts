import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import type { Mark } from "./mark.ts";
import { actionsOfFamily, addMarks, datedMarks, lineOfRun, marksOfFamily } from "./sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());

const taint = (tool: string, action: string): Mark => ({ kind: "taint", label: "untrusted", tool, action });

describe("marks of a family", () => {
  it("stay with the first action that brought them, in the order in which they came", async () => {
    const read: Mark = { kind: "read", label: "secret", tool: "vault.read", action: "act_2" };
    await addMarks(base.db, "run_1", [taint("mail.read", "act_1")]);
    await addMarks(base.db, "run_1", [taint("mail.read", "act_3"), read]);
    expect(await marksOfFamily(base.db, "run_1")).toEqual([taint("mail.read", "act_1"), read]);
  });

  it("are told with when each first came, which a later one does not change", async () => {
    await addMarks(base.db, "run_5", [taint("web.read", "act_1")]);
    const [first] = await datedMarks(base.db, "run_5");
    expect(Math.abs(Date.parse(first?.at ?? "") - Date.now())).toBeLessThan(60_000);
    await addMarks(base.db, "run_5", [taint("web.read", "act_2"), taint("mail.read", "act_2")]);
    const told = await datedMarks(base.db, "run_5");
    expect(told[0]).toEqual({ ...taint("web.read", "act_1"), at: first?.at });
    expect(told.map(({ at: _, ...mark }) => mark)).toEqual([taint("web.read", "act_1"), taint("mail.read", "act_2")]);
    expect(await datedMarks(base.db, "run_6")).toEqual([]);
  });

  it("are that family's alone", async () => {
    await addMarks(base.db, "run_2", [taint("web.read", "act_4")]);
    expect(await marksOfFamily(base.db, "run_2")).toEqual([taint("web.read", "act_4")]);
    expect(await marksOfFamily(base.db, "run_3")).toEqual([]);
  });

  it("cannot be taken back by the application", async () => {
    await addMarks(base.db, "run_4", [taint("web.read", "act_5")]);
    await expect(base.db.query("delete from run_mark where root = 'run_4'")).rejects.toThrow(
      /a statement failed in the database|permission/,
    );
    await expect(base.db.query("update run_mark set label = 'x' where root = 'run_4'")).rejects.toThrow(
      /a statement failed in the database|permission/,
    );
  });
});

async function openRun(id: string, parent: string | null, root: string | null): Promise<void> {
  await base.owner.query(
    `insert into run (id, agent, workflow, opened_by, trusted, task, parent, root, parameters)
     values ($1, 'robot', 'upkeep', 'dana@acme.com', $2, $3, $4, $5, '{"ticket": "OPS-1"}')`,
    [id, parent === null, `task of ${id}`, parent, root],
  );
}

describe("a run", () => {
  it("stands under those that it was opened under, the nearest first", async () => {
    await openRun("top", null, "top");
    await openRun("middle", "top", "top");
    await openRun("bottom", "middle", "top");
    await openRun("other", null, "other");
    const line = await lineOfRun(base.db, "bottom");
    expect(line.map(({ id }) => id)).toEqual(["bottom", "middle", "top"]);
    expect(line[2]).toEqual({
      id: "top",
      workflow: "upkeep",
      trusted: true,
      task: "task of top",
      parameters: { ticket: "OPS-1" },
    });
    expect(line[0]?.trusted).toBe(false);
  });

  it("that stands under itself ends the line all the same", async () => {
    await openRun("loop", "loop", "loop");
    expect((await lineOfRun(base.db, "loop")).length).toBeLessThan(100);
  });

  it("has the actions of all runs of its family, each once, and no others", async () => {
    const entry = (seq: number, subject: string, step: number, run: string) =>
      base.owner.query(
        `insert into entry (writer, seq, subject, step, kind, from_state, to_state, run, at, leaf, hash, sealed)
         values ('w', $1, $2, $3, 'moved', $4, 'held', $5, now(), '', '', '')`,
        [seq, subject, step, step === 0 ? "received" : "held", run],
      );
    await entry(1, "act_11", 0, "top");
    await entry(2, "act_12", 0, "bottom");
    await entry(3, "act_12", 1, "bottom");
    await entry(4, "act_13", 0, "other");
    expect(await actionsOfFamily(base.db, "top", "act_")).toEqual(["act_11", "act_12"]);
    expect(await actionsOfFamily(base.db, "top", "act_11")).toEqual(["act_12"]);
    expect(await actionsOfFamily(base.db, "top", "act_12")).toEqual([]);
    expect(await actionsOfFamily(base.db, "nobody", "act_")).toEqual([]);
  });
});
