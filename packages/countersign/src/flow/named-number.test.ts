import { describe, expect, it } from "vitest";
import { isNumber, isSmallNumber, namesNumber, placeOf } from "./named-number.ts";

const measures = "amount price total sum value percentage percent replica count quantity limit".split(" ");
const amounts = "cents refund_minor qty fee cost balance quota size units nodes rows seats".split(" ");

describe("the words that a tool and an argument are called by", () => {
  it.each([
    ["github.issue_write", "args.issue_number", ["github", "issue", "write", "number"]],
    ["github.issueWrite", "args.issueNumberOld", ["github", "issue", "write", "number", "old"]],
    ["pay.V2Refund", "args.order2Id", ["pay", "v2", "refund", "order2", "id"]],
    ["desk.zählen", "args.größe", ["desk", "zählen", "größe"]],
  ])("`%s` at `%s`", (tool, at, words) => {
    expect([...placeOf(tool, at).all]).toEqual(words);
  });

  it("are told apart", () => {
    expect([...placeOf("github.issue_write", "args.owners.12.id").own]).toEqual(["owner", "id"]);
  });

  it.each(["args.", "parsed."])("do not tell that a value stands in `%s`, but tell a member of that name", (prefix) => {
    const name = prefix.slice(0, -1);
    expect([...placeOf("mail.send", `${prefix}to`).all]).toEqual(["mail", "send", "to"]);
    expect([...placeOf("mail.send", `params.${prefix}to`).all]).toContain(name === "args" ? "arg" : name);
  });

  it("are no single letters, which are no words", () => {
    expect([...placeOf("a.to", "args.x.id.7").all]).toEqual(["to", "id"]);
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
    expect([...placeOf(name, name).all]).toEqual([word]);
  });
});

describe("a small number", () => {
  it.each(["0", "7", "42", "1234", "-7", "-123", "1.5", "0.25", "-1.5"])("is %s", (number) => {
    expect(isSmallNumber([number])).toBe(true);
  });

  it.each(["12345", "48213", "123456789", "-1234", "12.50"])("is none of five characters or more: %s", (number) => {
    expect(isSmallNumber([number])).toBe(false);
    expect(isNumber([number])).toBe(true);
  });

  it.each(["v5", "5a", "a", "1.", ".5", "1.2.3", "--5", "1,5", "", "٣"])("is no other word: `%s`", (word) => {
    expect(isSmallNumber([word])).toBe(false);
    expect(isNumber([word])).toBe(false);
  });

  it("is no number beside other words, and not nothing", () => {
    expect(isSmallNumber(["7", "boxes"])).toBe(false);
    expect(isSmallNumber(["7", "8"])).toBe(false);
    expect(isSmallNumber([])).toBe(false);
  });
});

describe("what a number is for an argument", () => {
  it.each([...measures, ...amounts, "order_total", "maxNodes"])("how much: `%s`", (name) => {
    expect(placeOf("bank.pay", `args.${name}`).kind).toBe("amount");
  });

  it.each(["id", "order", "order_number", "seat_id", "balance_ref", "node", "row", "seat", "unit", "to"])(
    "which: `%s`",
    (name) => {
      expect(placeOf("bank.set_limit", `args.${name}`).kind).toBe("which");
    },
  );

  it("as its tool says, where it says nothing itself", () => {
    expect(placeOf("deploy.set_replicas", "args.new").kind).toBe("amount");
    expect(placeOf("deploy.restart_nodes", "args.new").kind).toBe("untold");
    expect(placeOf("deploy.restart", "args.amountx").kind).toBe("untold");
  });
});

const says = (place: ReturnType<typeof placeOf>, before: string, after = "", number = "12", second = "") =>
  namesNumber(number, { second, before, after }, place);
const issue = placeOf("tracker.issue_update", "args.id");
const scale = placeOf("deploy.scale", "args.replicas");

describe("a task means a number for an argument", () => {
  it.each(["#", "no", "nr", "number", "id"])("where the word before it names anything: `%s`", (before) => {
    expect(says(issue, before)).toBe(true);
    expect(says(scale, before)).toBe(false);
  });

  it.each(["issue", "issues", "tracker", "update"])("where the word before it is one of its place: `%s`", (before) => {
    expect(says(issue, before)).toBe(true);
    expect(says(scale, before)).toBe(false);
  });

  it.each(["", "order", "fix", "numbers", "ids", "to", "of"])("and for no other word before it: `%s`", (before) => {
    expect(says(issue, before, "typos")).toBe(false);
  });

  it.each(["to", "by", "of", "at"])("of how much, also where `%s` stands before it", (before) => {
    expect(says(scale, before)).toBe(true);
    expect(says(issue, before)).toBe(false);
  });

  it.each(["of", "eur", "usd", "gbp", "chf", "jpy", "sek", "nok", "dkk", "pln", "percent", "replica", "replicas"])(
    "of how much, also where `%s` comes after it",
    (after) => {
      expect(says(scale, "", after)).toBe(true);
      expect(says(issue, "", after)).toBe(false);
    },
  );

  it.each(["", "typos", "issue", "euros"])("of how much not where any other word comes after it: `%s`", (after) => {
    expect(says(scale, "", after)).toBe(false);
    expect(says(scale, "fix", after)).toBe(false);
  });

  it("not by what comes after it where it says which", () => {
    expect(says(issue, "fix", "issues")).toBe(false);
  });

  it.each(measures)("where its argument is called `%s`, as how much", (measure) => {
    expect(says(placeOf("pay.order", `args.${measure}`), "to")).toBe(true);
    expect(says(placeOf("pay.order", `args.${measure}`), measure)).toBe(true);
  });

  it("of any length where it says which, or its argument says nothing", () => {
    expect(says(issue, "see", "", "48213")).toBe(true);
    expect(says(placeOf("tracker.update", "args.new"), "see", "", "48213")).toBe(true);
  });
});

describe("a number that a task calls by a noun", () => {
  const after = ["", "for", "of", "eur", "pay", "cents", "amount"];

  it.each([...measures, ...amounts])("is no `%s`", (name) => {
    for (const tool of ["bank.pay", "bank.pay_invoice"])
      for (const before of ["invoice", "invoices", "#", "no", "number", "id", "reference"])
        for (const word of [...after, name.replace(/s?$/, "s")])
          expect(says(placeOf(tool, `args.${name}`), before, word, "48213"), `${before} 48213 ${word}`).toBe(false);
  });

  it("is no small amount either, but for so many of what is counted", () => {
    expect(says(placeOf("orders.refund", "args.amount"), "order", "for")).toBe(false);
    expect(says(placeOf("hall.order", "args.seats"), "order", "seats")).toBe(true);
    expect(says(placeOf("hall.order", "args.units"), "order", "seats")).toBe(false);
  });

  it.each(["invoice", "invoice_id", "bill_number", "id", "reference", "query", "target"])("is one for `%s`", (name) => {
    expect(says(placeOf("bank.pay", `args.${name}`), "invoice", "for", "48213")).toBe(true);
    expect(says(placeOf("bank.pay", `args.${name}`), "#", "for", "48213", "invoice")).toBe(true);
  });

  it.each(["order", "order_id", "payee", "to", "node", "x1"])("is none for `%s`", (name) => {
    expect(says(placeOf("bank.pay", `args.${name}`), "invoice", "for", "48213")).toBe(false);
    expect(says(placeOf("bank.pay", `args.${name}`), "#", "for", "48213", "invoice")).toBe(false);
  });

  it("is one for what another word calls the same", () => {
    for (const [noun, tool, name] of [
      ["ticket", "tracker.read", "issue_number"],
      ["account", "bank.pay", "to"],
      ["build", "ci.rerun", "run"],
      ["pull", "tracker.read", "issue_number"],
    ] as const)
      expect(says(placeOf(tool, `args.${name}`), noun, "", "48213"), noun).toBe(true);
  });

  it("is one for its tool's argument where that has no noun of its own, and a small one only there", () => {
    expect(says(placeOf("orders.refund", "args.id"), "order")).toBe(true);
    expect(says(placeOf("orders.refund", "args.x1"), "order", "", "48213")).toBe(true);
    expect(says(placeOf("orders.refund", "args.room"), "order")).toBe(false);
    expect(says(placeOf("bank.refund", "args.id"), "order")).toBe(false);
  });
});
