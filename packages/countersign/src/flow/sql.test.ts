import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { Families } from "./family.ts";
import { look } from "./look.ts";
import type { Mark } from "./mark.ts";
import { addMarks, datedMarks, familyNow } from "./sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());

const now = (root: string, run = root, range: readonly [string, string] = ["act_", "act_"]) =>
  familyNow(base.db, root, run, range);
const marksOfFamily = async (root: string) => (await now(root)).marks;

const taint = (tool: string, action: string): Mark => ({ kind: "taint", label: "untrusted", tool, action });

describe("marks of a family", () => {
  it("stay with the first action that brought them, in the order in which they came", async () => {
    const read: Mark = { kind: "read", label: "secret", tool: "vault.read", action: "act_2" };
    await addMarks(base.db, "run_1", [taint("mail.read", "act_1")]);
    await addMarks(base.db, "run_1", [taint("mail.read", "act_3"), read]);
    expect(await marksOfFamily("run_1")).toEqual([taint("mail.read", "act_1"), read]);
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
    expect(await marksOfFamily("run_2")).toEqual([taint("web.read", "act_4")]);
    expect(await marksOfFamily("run_3")).toEqual([]);
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

let seq = 0;

async function entry(subject: string, step: number, run: string): Promise<void> {
  await base.owner.query(
    `insert into entry (writer, seq, subject, step, kind, from_state, to_state, run, at, leaf, hash, sealed)
     values ('w', $1, $2, $3, 'moved', $4, 'held', $5, now(), '', '', '')`,
    [++seq, subject, step, step === 0 ? "received" : "held", run],
  );
}

describe("a run", () => {
  it("stands under those that it was opened under, the nearest first", async () => {
    await openRun("top", null, "top");
    await openRun("middle", "top", "top");
    await openRun("bottom", "middle", "top");
    await openRun("other", null, "other");
    const { line } = await now("top", "bottom");
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
    expect((await now("loop")).line.length).toBeLessThan(100);
  });

  it("has the actions of all runs of its family, each once, and no others", async () => {
    await entry("act_11", 0, "top");
    await entry("act_12", 0, "bottom");
    await entry("act_12", 1, "bottom");
    await entry("act_13", 0, "other");
    const above = async (root: string, last: string) => (await now(root, root, ["act_", last])).actions;
    expect(await above("top", "act_")).toEqual(["act_11", "act_12"]);
    expect(await above("top", "act_11")).toEqual(["act_12"]);
    expect(await above("top", "act_12")).toEqual([]);
    expect(await above("nobody", "act_")).toEqual([]);
  });

  it("is told how many of them stand between two, without the first and with the last", async () => {
    const between = async (above: string, last: string) => (await now("top", "top", [above, last])).between;
    expect(await between("act_", "act_")).toBe(0);
    expect(await between("act_", "act_11")).toBe(1);
    expect(await between("act_11", "act_12")).toBe(1);
    expect(await between("act_", "act_13")).toBe(2);
  });
});

describe("a look at a family", () => {
  const families = new Families();
  const unknownTo = async (root: string, settled = "act_") => {
    const { unknown, done } = await look(base.db, families.of(root), root, root);
    done(settled);
    return unknown;
  };

  it("lists what is not known, also what another replica wrote late, below what is", async () => {
    await openRun("late", null, "late");
    for (const id of ["act_21", "act_23", "act_25"]) await entry(id, 0, "late");
    expect(await unknownTo("late")).toEqual(["act_21", "act_23", "act_25"]);
    for (const id of ["act_21", "act_23"]) families.of("late").add(id, { size: 0 });
    expect(await unknownTo("late")).toEqual(["act_25"]);
    expect(families.of("late").listed).toEqual({ floor: "act_", known: ["act_21", "act_23"] });
    await entry("act_22", 0, "late");
    expect(await unknownTo("late")).toEqual(["act_22", "act_25"]);
    families.of("late").add("act_25", { size: 0 });
    expect(await unknownTo("late")).toEqual(["act_22"]);
    families.of("late").add("act_22", { size: 0 });
    expect(await unknownTo("late", "act_24")).toEqual([]);
    expect(families.of("late").listed).toEqual({ floor: "act_23", known: ["act_25"] });
  });

  it("lists just what is not known, whatever came in which order", async () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    await openRun("any", null, "any");
    await openRun("any-child", "any", "any");
    const [there, known] = [new Set<string>(), new Set<string>()];
    for (let step = 0; step < 150; step++) {
      const id = `act_${1000 + Math.floor(step / 2) + random(40)}`;
      if (!there.has(id)) await entry(id, 0, random(2) === 0 ? "any" : "any-child");
      there.add(id);
      const some = [...there].filter(() => random(3) > 0);
      for (const one of some) families.of("any").add(one, { size: 0 });
      for (const one of some) known.add(one);
      if (random(2) === 0) continue;
      const wanted = [...there].filter((one) => !known.has(one)).sort();
      expect(await unknownTo("any"), `step ${step}`).toEqual(wanted);
    }
    expect(there.size).toBeGreaterThan(50);
  });

  it("lists no more of it than what came since", async () => {
    await openRun("long", null, "long");
    for (let id = 100; id < 140; id++) {
      await entry(`act_${id}`, 0, "long");
      families.of("long").add(`act_${id}`, { size: 0 });
    }
    await unknownTo("long");
    const asked: (readonly unknown[])[] = [];
    const noted = {
      query: ((statement: { readonly values: readonly unknown[] }) => {
        asked.push(statement.values);
        return base.db.query(statement as never);
      }) as typeof base.db.query,
    };
    await entry("act_140", 0, "long");
    expect((await look(noted, families.of("long"), "long", "long")).unknown).toEqual(["act_140"]);
    expect(asked.map((values) => values.slice(2, 4))).toEqual([["act_", "act_139"]]);
  });
});
