import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { answersOf } from "./answer-sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());
beforeEach(() => base.owner.query("delete from answer"));

const bo = "bo@acme.com";
const at = (minute: number): string => `2026-11-26T10:${String(minute).padStart(2, "0")}:00.000001Z`;

const answer = (action: string, policy: string, verdict: "approve" | "deny", minute: number, person = bo) =>
  base.owner.query(
    `insert into answer (action, policy, policy_digest, call_digest, person, groups, verdict, reason, method, shown_digest, at)
     values ($1, $2, 'p', $1, $3, '[]', $4, $4, 'link', 's', $5)`,
    [action, policy, person, verdict, at(minute)],
  );

it("an answer is told once, with its newest time and what was said then, wherever a page ends", async () => {
  await answer("act_1", "first", "approve", 1);
  await answer("act_2", "first", "approve", 2);
  await answer("act_1", "second", "deny", 3);
  await answer("act_3", "first", "deny", 4, "ana@acme.com");
  const [newest, ...none] = await answersOf(base.db, bo, {}, 1);
  expect(newest).toMatchObject({ action: "act_1", at: at(3), verdict: "deny", reason: "deny" });
  expect(newest?.policies).toEqual(["first", "second"]);
  expect(none).toEqual([]);
  const before = { at: newest?.at ?? "", action: "act_1" };
  const rest = await answersOf(base.db, bo, { before }, 10);
  expect(rest.map(({ action }) => action)).toEqual(["act_2"]);
});

it("the answer to one action is found behind any number of others", async () => {
  await answer("act_1", "first", "approve", 1);
  for (let minute = 2; minute < 30; minute++) await answer(`act_9${minute}`, "first", "deny", minute);
  expect(await answersOf(base.db, bo, { action: "act_1" }, 1)).toMatchObject([{ action: "act_1", at: at(1) }]);
  expect(await answersOf(base.db, bo, { action: "act_0" }, 1)).toEqual([]);
  expect(await answersOf(base.db, "ana@acme.com", { action: "act_1" }, 1)).toEqual([]);
});
