import { describe, expect, it } from "vitest";
import { mayBeAnyNumber, namesNumber, wordsOfPlace } from "./named-number.ts";

const placeOf = (...words: readonly string[]): ReadonlySet<string> => new Set(words);
const measures = "amount price total sum value percentage percent replica count quantity limit".split(" ");

describe("the words that a tool and an argument are called by", () => {
  it.each([
    ["github.issue_write", "args.issue_number", ["github", "issue", "write", "number"]],
    ["github.issueWrite", "args.issueNumberOld", ["github", "issue", "write", "number", "old"]],
    ["pay.V2Refund", "args.order2Id", ["pay", "v2", "refund", "order2", "id"]],
    ["desk.zählen", "args.größe", ["desk", "zählen", "größe"]],
  ])("`%s` at `%s`", (tool, at, words) => {
    expect([...wordsOfPlace(tool, at)]).toEqual(words);
  });

  it.each(["args.", "parsed."])("do not tell that a value stands in `%s`, but tell a member of that name", (prefix) => {
    const name = prefix.slice(0, -1);
    expect([...wordsOfPlace("mail.send", `${prefix}to`)]).toEqual(["mail", "send", "to"]);
    expect([...wordsOfPlace("mail.send", `params.${prefix}to`)]).toContain(name === "args" ? "arg" : name);
  });

  it("are no single letters, which are no words", () => {
    expect([...wordsOfPlace("a.to", "args.x.id.7")]).toEqual(["to", "id"]);
  });

  it.each([
    ["issues", "issue"],
    ["tags", "tag"],
    ["stage", "stage"],
    ["address", "address"],
    ["ids", "ids"],
    ["bus", "bus"],
    ["sales", "sale"],
  ])("are counted singly: `%s` as `%s`", (name, word) => {
    expect([...wordsOfPlace(name, name)]).toEqual([word]);
  });
});

describe("a number that could be any", () => {
  const order = placeOf("order", "number");

  it.each(["0", "7", "42", "1234", "-7", "-123", "1.5", "0.25", "-1.5"])("is a small one: %s", (number) => {
    expect(mayBeAnyNumber([number], order)).toBe(true);
  });

  it.each(["12345", "48213", "123456789", "-1234", "12.50"])("is none of five characters or more: %s", (number) => {
    expect(mayBeAnyNumber([number], order)).toBe(false);
  });

  it.each(measures)("is one of any length where it says how much: `%s`", (measure) => {
    expect(mayBeAnyNumber(["48213"], placeOf("pay", measure))).toBe(true);
    expect(mayBeAnyNumber(["7"], placeOf("pay", measure))).toBe(true);
    expect(mayBeAnyNumber(["48213"], placeOf("pay", "order", `${measure}x`))).toBe(false);
  });

  it.each(["v5", "5a", "a", "1.", ".5", "1.2.3", "--5", "1,5", "", "٣"])("is no other word: `%s`", (word) => {
    expect(mayBeAnyNumber([word], order)).toBe(false);
    expect(mayBeAnyNumber([word], placeOf("amount"))).toBe(false);
  });

  it("is no number beside other words, and not nothing", () => {
    expect(mayBeAnyNumber(["7", "boxes"], order)).toBe(false);
    expect(mayBeAnyNumber(["7", "8"], placeOf("amount"))).toBe(false);
    expect(mayBeAnyNumber([], order)).toBe(false);
    expect(mayBeAnyNumber([], placeOf("amount"))).toBe(false);
  });
});

describe("a task means a number for an argument", () => {
  const issue = placeOf("tracker", "issue", "update");
  const scale = placeOf("deploy", "scale", "replica");

  it.each(["#", "no", "nr", "number", "id"])("where the word before it names anything: `%s`", (before) => {
    expect(namesNumber(before, "", issue)).toBe(true);
    expect(namesNumber(before, "", scale)).toBe(true);
  });

  it.each(["issue", "issues", "tracker", "update"])("where the word before it is one of its place: `%s`", (before) => {
    expect(namesNumber(before, "", issue)).toBe(true);
    expect(namesNumber(before, "", scale)).toBe(false);
  });

  it.each(["", "order", "fix", "numbers", "ids", "to", "of"])("and for no other word before it: `%s`", (before) => {
    expect(namesNumber(before, "typos", issue)).toBe(false);
  });

  it.each(["to", "by", "of", "at"])("of how much, also where `%s` stands before it", (before) => {
    expect(namesNumber(before, "", scale)).toBe(true);
    expect(namesNumber(before, "", issue)).toBe(false);
  });

  it.each(["of", "eur", "usd", "gbp", "chf", "jpy", "sek", "nok", "dkk", "pln", "percent", "replica", "replicas"])(
    "of how much, also where `%s` comes after it",
    (after) => {
      expect(namesNumber("", after, scale)).toBe(true);
      expect(namesNumber("", after, issue)).toBe(false);
    },
  );

  it.each(["", "typos", "issue", "euros"])("of how much not where any other word comes after it: `%s`", (after) => {
    expect(namesNumber("", after, scale)).toBe(false);
    expect(namesNumber("fix", after, scale)).toBe(false);
  });

  it("not by what comes after it where it says which", () => {
    expect(namesNumber("fix", "issues", issue)).toBe(false);
  });

  it.each(measures)("where its argument is called `%s`, as how much", (measure) => {
    expect(namesNumber("to", "", placeOf("pay", "order", measure))).toBe(true);
  });
});
