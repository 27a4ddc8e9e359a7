import type { Confidentiality } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { Beyond, mayName, type Reading } from "./beyond.ts";
import { taskWords } from "./family.ts";

const task = taskWords(["Answer ticket T-7 and issue 12 of 2026-12-03"], { account: "A-17" });
const about = (value: string | number, at = "args.id") => ({ at, value });
const reading = (values: readonly (string | number)[], refers: readonly string[] = [], more: object = {}): Reading => ({
  tool: "desk.get_issue",
  about: values.map((value) => about(value)),
  confidentiality: "personal",
  refers,
  ...more,
});
const told = (...readings: readonly Reading[]): readonly Confidentiality[] => {
  const beyond = new Beyond(task);
  for (const one of readings) beyond.read(one);
  return (["internal", "personal", "secret"] as const).filter((label) => beyond.has(label));
};

describe("a record is one of the task", () => {
  it("where the task or its parameters name all that its call says", () => {
    expect(told()).toEqual([]);
    for (const values of [["T-7"], ["t-7"], ["A-17"], [12], ["T-7", "A-17"]]) expect(told(reading(values))).toEqual([]);
    for (const values of [["T-8"], [13], ["T-7", "T-8"], ["T-8", "T-7"], ["T-7", 3]])
      expect(told(reading(values)), String(values)).toEqual(["personal"]);
  });

  it("and is none where its call says nothing of it, or a day", () => {
    expect(told(reading([]))).toEqual(["personal"]);
    expect(told(reading(["2026-12-03"]))).toEqual(["personal"]);
    expect(told(reading(["T-7", "2026-12-03"]))).toEqual(["personal"]);
    expect(told(reading(["T-7"], ["2026-12-03"]), reading(["2026-12-03"]))).toEqual(["personal"]);
  });

  it("where a record of the task says what it is called, in whatever order they are heard", () => {
    const readings = [reading(["T-7"], ["C-1"]), reading(["c-1"], ["O-5"]), reading(["O-5", "C-1"])];
    expect(told(...readings)).toEqual([]);
    expect(told(...readings.toReversed())).toEqual([]);
    expect(told(...readings.slice(1))).toEqual(["personal"]);
    expect(told(reading(["T-8"], ["C-1"]), reading(["C-1"]))).toEqual(["personal"]);
  });

  it("where several wait for the same name, all of them", () => {
    const waiting = [reading(["C-1"]), reading(["C-1"], [], { confidentiality: "secret" }), reading(["C-1", "T-7"])];
    expect(told(...waiting)).toEqual(["personal", "secret"]);
    expect(told(...waiting, reading(["T-7"], ["C-1"]))).toEqual([]);
  });

  it("where a person let a call go to it, also before it was read", () => {
    const beyond = new Beyond(task);
    beyond.read(reading(["O-9"]));
    expect(beyond.has("personal")).toBe(true);
    beyond.name(["o-9", "O-10"]);
    expect(beyond.has("personal")).toBe(false);
    beyond.read(reading(["O-10"]));
    expect(beyond.has("personal")).toBe(false);
  });
});

it("records that name each other are of the task with one of them, and told once", () => {
  const circle = [reading(["C-1"], ["O-1"]), reading(["O-1"], ["C-1"])];
  expect(told(...circle)).toEqual(["personal"]);
  expect(told(...circle, reading(["T-7"], ["O-1"]))).toEqual([]);
});

it("each record counts once, however often it is named", () => {
  const twice = reading(["T-7"], ["C-1", "C-1"]);
  expect(told(reading(["C-1"]), twice, reading(["x"]))).toEqual(["personal"]);
  expect(told(reading(["x"]), reading(["C-1"]), twice)).toEqual(["personal"]);
  expect(told(reading(["x"]), reading(["T-7"]))).toEqual(["personal"]);
});

it("kinds are told apart", () => {
  expect(told(reading(["x"]), reading(["T-7"], [], { confidentiality: "secret" }))).toEqual(["personal"]);
  expect(told(reading(["x"], [], { confidentiality: "internal" }))).toEqual(["internal"]);
});

it("what a record is called holds a digit or an address, and is neither long nor a small number", () => {
  for (const name of ["C-1", "kim@acme.example", "12345", `${"x".repeat(255)}1`])
    expect(mayName(name), name).toBe(true);
  for (const name of ["open", "", "1234", "6", `${"x".repeat(256)}1`]) expect(mayName(name), name).toBe(false);
});

it("forty thousand records that wait for each other are told in no time", () => {
  const beyond = new Beyond(task);
  const many = 20_000;
  for (let at = 0; at < many; at++) beyond.read(reading([`R-${at}`], [`R-${at + 1}`]));
  for (let at = 0; at < many; at++) beyond.read(reading(["R-9", `R-${at}`]));
  expect(beyond.has("personal")).toBe(true);
  beyond.read(reading(["T-7"], ["R-0"]));
  expect(beyond.has("personal")).toBe(false);
}, 5_000);
