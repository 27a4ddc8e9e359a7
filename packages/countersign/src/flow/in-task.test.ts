import { expect, it } from "vitest";
import { taskWords } from "./family.ts";
import { isInTask, isLetter } from "./in-task.ts";

const task = taskWords(["Answer issue 12 with plan b and 48213"], { branch: "c", rate: 0.5, number: 7 });
const says = (value: string | number, at = "args.issue") => isInTask(task, { at, value }, "desk.reply");

it("a task says a value in one of its spellings, a number where it means it, a letter where a parameter is one", () => {
  for (const value of [12, 48_213, "plan b", "C", 0.5, 7]) expect(says(value), String(value)).toBe(true);
  for (const value of ["plan c", "b", 13, 0.7, "", "x*"]) expect(says(value), String(value)).toBe(false);
  expect(says(12, "args.order")).toBe(false);
});

it("one letter is a letter, and neither is a digit, nor several, nor words", () => {
  expect(isLetter(["b"])).toBe(true);
  expect(isLetter(["\u00e9"])).toBe(true);
  for (const tokens of [["1"], ["bc"], ["b", "c"], []]) expect(isLetter(tokens)).toBe(false);
});

it("a number that names an invoice is no amount to pay, and the amount is", () => {
  const paying = taskWords(["pay invoice 48213 for 40 EUR"], {});
  const pays = (at: string, value: number) => isInTask(paying, { at: `args.${at}`, value }, "bank.pay");
  for (const at of ["cents", "refund_minor", "qty", "nodes", "amount", "order"])
    expect(pays(at, 48_213), at).toBe(false);
  for (const at of ["cents", "amount"]) expect(pays(at, 40), at).toBe(true);
  for (const at of ["invoice", "id"]) expect(pays(at, 48_213), at).toBe(true);
});
