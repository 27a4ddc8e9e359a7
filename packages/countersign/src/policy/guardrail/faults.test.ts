import { describe, expect, it } from "vitest";
import type { ArgumentTypes } from "../argument-types.ts";
import { argumentFaults, guardrailFaults, nearestZone } from "./faults.ts";
import type { Asking, Guardrail, Hours } from "./guardrail.ts";

const tools = ["desk.refund"];
const production = false;
const ask: Asking = { from: "support-leads", count: 1, open: "4h", valid: "1h", exclude: ["requester"] };
const hours: Hours = { zone: "Europe/Berlin", days: [1, 7], from: 0, to: 1440 };
const good = {
  refunds: {
    use: "refund-limits",
    name: "refunds",
    tools,
    amount: "amount",
    in: "whole",
    aloneUnder: 100,
    upTo: 200,
    ask,
  },
  pair: { use: "four-eyes", name: "pair", tools, production, ask },
  freeze: { use: "freeze", name: "freeze", tools: [], zone: "UTC", from: 20261220, to: 20261220, production },
  window: { use: "change-window", name: "window", tools, production, hours },
  hours: { use: "business-hours", name: "hours", tools, production, hours, ask },
  step: { use: "step-limit", name: "step", tools, argument: "share", current: "/share", most: 1, production },
  egress: { use: "egress", name: "egress", tools, argument: "to", domains: ["acme.example"], labels: ["customer"] },
  first: { use: "first-time-target", name: "first", tools, ask },
  after: { use: "done-before", name: "after", tools, done: "desk.look", within: "1h", production },
  order: {
    use: "right-after",
    name: "order",
    tools,
    done: ["desk.look"],
    may: "only",
    per: "run",
    within: "1h",
    production,
  },
  calls: { use: "call-limit", name: "calls", tools, most: 1, per: "run", within: "1h" },
  objects: { use: "object-limit", name: "objects", tools, argument: "ids", most: 1, per: "run", within: "1h" },
  until: { use: "expires", name: "until", tools, zone: "UTC", until: 20261231 },
  within: { use: "only-within", name: "within", tools, environments: ["staging"], targets: ["shop/"] },
} as const satisfies { readonly [name: string]: Guardrail };
const types: ArgumentTypes = {
  amount: { kind: "long" },
  share: { kind: "decimal" },
  ids: { kind: "set", of: { kind: "string" } },
  to: { kind: "record", attributes: { domains: { kind: "set", of: { kind: "string" } } } },
  currency: { kind: "string" },
};

const faultsOf = (rule: object, granted: readonly string[] = tools) => [...guardrailFaults(rule as Guardrail, granted)];
const all = Object.values<Guardrail>(good);
const mostDuration = "is no duration such as `1h`, at most 30d";

describe("a guardrail", () => {
  it.each(all.map((rule) => [rule.name, rule] as const))("`%s` has no faults as it should be", (_, rule) => {
    expect([...guardrailFaults(rule, tools, { "desk.refund": types })]).toEqual([]);
  });

  it("has a plain name", () => {
    for (const name of ["", "Refunds", "1st", "a b", "a_b", `a${"b".repeat(63)}`, "ok "])
      expect(faultsOf({ ...good.pair, name })).toEqual([[`\`${name}\` is no name of a guardrail`]]);
    expect(faultsOf({ ...good.pair, name: `a${"b".repeat(62)}` })).toEqual([]);
  });

  it("names tools that the workflow grants; only a freeze may name none", () => {
    for (const rule of all.filter(({ use }) => use !== "freeze"))
      expect(faultsOf({ ...rule, tools: [] })).toEqual([[`guardrail \`${rule.name}\` names no tool`]]);
    expect(faultsOf({ ...good.pair, tools: ["desk.refnd", "desk.refund"] })).toEqual([
      ["guardrail `pair` names `desk.refnd`, which the workflow does not grant", "did you mean `desk.refund`?"],
    ]);
    expect(faultsOf({ ...good.freeze, tools: ["other.tool"] })).toEqual([
      ["guardrail `freeze` names `other.tool`, which the workflow does not grant", undefined],
    ]);
  });

  it.each(["refunds", "pair", "hours", "first"] as const)(
    "`%s` asks people who can be asked, for as long as they can be",
    (name) => {
      const asking = (more: Partial<Asking>) => faultsOf({ ...good[name], ask: { ...ask, ...more } });
      for (const from of ["", 'a"b', "a*b", "a\\b", "a`b", "ä"])
        expect(asking({ from })).toEqual([
          [`guardrail \`${name}\` asks \`${from}\`, which is no name of a group and no person's address`],
        ]);
      for (const count of [0, 11, 1.5])
        expect(asking({ count })).toEqual([
          [`guardrail \`${name}\` asks for ${count} approvals; it is a number from 1 to 10`],
        ]);
      for (const count of [1, 10]) expect(asking({ count })).toEqual([]);
      expect(asking({ open: "soon" })).toEqual([["`soon` is no duration such as `4h`, at most 30d"]]);
      expect(asking({ valid: "31d" })).toEqual([["`31d` is no duration such as `4h`, at most 30d"]]);
    },
  );

  it.each(["window", "hours"] as const)("`%s` has days and hours of a zone", (name) => {
    const at = (more: Partial<Hours>) => faultsOf({ ...good[name], hours: { ...hours, ...more } });
    expect(at({ zone: "Europe/Berln" })).toEqual([
      ["there is no time zone `Europe/Berln`", "did you mean `Europe/Berlin`?"],
    ]);
    for (const wrong of [
      { from: -1 },
      { from: 1.5 },
      { to: 1441 },
      { to: 1.5 },
      { from: 60, to: 60 },
      { from: 1441 },
      { to: -1 },
    ])
      expect(at(wrong), JSON.stringify(wrong)).toEqual([[`guardrail \`${name}\` has no hours`]]);
    for (const days of [[], [0], [8], [1.5], [1, 2, 9]])
      expect(at({ days }), String(days)).toEqual([[`guardrail \`${name}\` has no days`]]);
    expect(at({ from: 1320, to: 360, days: [1, 2, 3, 4, 5, 6, 7] })).toEqual([]);
  });

  it("on refunds has amounts that fit one another and the argument", () => {
    const refund = (more: object) => faultsOf({ ...good.refunds, ...more });
    for (const wrong of [{ aloneUnder: -100 }, { upTo: 250.5 }, { perDay: -100 }, { perDay: 2 ** 53 }])
      expect(refund({ in: "cents", ...wrong }), JSON.stringify(wrong)).toEqual([
        ["guardrail `refunds` has an amount that is none"],
      ]);
    expect(refund({ aloneUnder: 0, upTo: 0 })).toEqual([
      ["guardrail `refunds` allows no refund at all", "list the tool under `block`"],
    ]);
    expect(refund({ aloneUnder: 300 })).toEqual([
      ["guardrail `refunds` lets more through alone than it allows at all", "`aloneUnder` is at most `upTo`"],
    ]);
    expect(refund({ aloneUnder: 200 })).toEqual([]);
    expect(refund({ aloneUnder: 0 })).toEqual([]);
    for (const wrong of [{ aloneUnder: 150 }, { upTo: 250 }, { perDay: 1050 }])
      expect(refund(wrong)).toEqual([
        ["guardrail `refunds` has an amount with hundredths, and `in: whole` knows none"],
      ]);
    expect(refund({ in: "cents", upTo: 250, perDay: 1050 })).toEqual([]);
    for (const code of ["eur", "EURO", "EU", "xEUR"])
      expect(refund({ currency: { code, argument: "currency" } })).toEqual([[`\`${code}\` is no currency`]]);
    expect(refund({ currency: { code: "EUR", argument: "currency" } })).toEqual([]);
  });

  it("that freezes or ends has a zone, and a freeze begins before it ends", () => {
    for (const name of ["freeze", "until"] as const)
      expect(faultsOf({ ...good[name], zone: "Utc2" })).toEqual([
        ["there is no time zone `Utc2`", nearestZone("Utc2")],
      ]);
    expect(faultsOf({ ...good.freeze, from: 20261221 })).toEqual([["the freeze `freeze` ends before it begins"]]);
  });

  it("on steps reads a place in an answer and allows a step", () => {
    expect(faultsOf({ ...good.step, current: "share" })).toEqual([
      ["`share` is no place in an answer", "write a JSON pointer such as `/structuredContent/percentage`"],
    ]);
    for (const most of [0, -1, 1.5])
      expect(faultsOf({ ...good.step, most })).toEqual([["guardrail `step` allows no step"]]);
  });

  it("on limits has a duration and lets a call through", () => {
    for (const name of ["calls", "objects"] as const) {
      expect(faultsOf({ ...good[name], within: "a day" })).toEqual([[`\`within: a day\` ${mostDuration}`]]);
      for (const most of [0, -1, 1.5])
        expect(faultsOf({ ...good[name], most })).toEqual([[`guardrail \`${name}\` allows no call`]]);
    }
  });

  it("on what was done before names a tool and a duration", () => {
    for (const done of ["look", 'a."b', ""])
      expect(faultsOf({ ...good.after, done })).toEqual([[`\`${done}\` is no tool`, "write `server.tool`"]]);
    expect(faultsOf({ ...good.after, since: "desk.change" })).toEqual([]);
    for (const since of ["look", 'a."b', ""])
      expect(faultsOf({ ...good.after, since })).toEqual([[`\`${since}\` is no tool`, "write `server.tool`"]]);
    expect(faultsOf({ ...good.after, since: "desk.look" })).toEqual([["`desk.look` cannot be done since `desk.look`"]]);
    expect(faultsOf({ ...good.after, within: "40d" })).toEqual([[`\`within: 40d\` ${mostDuration}`]]);
  });

  it("on the call just before names tools, one that can be first, and a duration", () => {
    for (const done of ["look", 'a."b', ""])
      expect(faultsOf({ ...good.order, done: ["desk.look", done] })).toEqual([
        [`\`${done}\` is no tool`, "write `server.tool`"],
      ]);
    expect(faultsOf({ ...good.order, done: [] })).toEqual([
      ["guardrail `order` names nothing that stands right before"],
    ]);
    expect(faultsOf({ ...good.order, done: tools })).toEqual([
      ["guardrail `order` lets nothing begin", "`done` names a tool that is none of `tools`"],
    ]);
    expect(faultsOf({ ...good.order, done: [...tools, "desk.look"] })).toEqual([]);
    expect(faultsOf({ ...good.order, done: tools, may: "never" })).toEqual([]);
    expect(faultsOf({ ...good.order, within: "40d" })).toEqual([[`\`within: 40d\` ${mostDuration}`]]);
  });

  it("on places names places in plain text", () => {
    for (const text of ['"', "*", "ä", ""]) {
      expect(faultsOf({ ...good.egress, domains: [text] })).toEqual([[`\`${text}\` is no domain or label`]]);
      expect(faultsOf({ ...good.egress, labels: [text] })).toEqual([[`\`${text}\` is no domain or label`]]);
      const wrong = [[`\`${text}\` is no environment or beginning of a target`]];
      expect(faultsOf({ ...good.within, environments: [text] })).toEqual(wrong);
      expect(faultsOf({ ...good.within, targets: [text] })).toEqual(wrong);
    }
    expect(faultsOf({ ...good.within, environments: [] })).toEqual([["guardrail `within` names no environment"]]);
    expect(faultsOf({ ...good.within, targets: [] })).toEqual([]);
  });
});

describe("the argument of a guardrail", () => {
  const reading = (rule: object, more: ArgumentTypes) => [
    ...argumentFaults(rule as Guardrail, "desk.refund", { "desk.refund": { ...types, ...more } }),
  ];

  it("has a name that a policy can write", () => {
    for (const name of ["", "a-b", "1a", "a.b", "principal", "has", "if", "context", `a${"b".repeat(128)}`, "x y"]) {
      const wrong = [[`\`${name}\` is no argument that a guardrail can read`]];
      expect(faultsOf({ ...good.objects, argument: name })).toEqual(wrong);
      expect(faultsOf({ ...good.refunds, amount: name })).toEqual(wrong);
      expect(faultsOf({ ...good.refunds, currency: { code: "EUR", argument: name } })).toEqual(wrong);
      expect(faultsOf({ ...good.egress, argument: name })).toEqual(wrong);
    }
    for (const name of ["_", "A1_b", `a${"b".repeat(127)}`])
      expect(faultsOf({ ...good.objects, argument: name })).toEqual([]);
  });

  it("is one that the tool takes", () => {
    expect(reading({ ...good.objects, argument: "idz" }, {})).toEqual([
      ["`desk.refund` has no argument `idz`", "did you mean `ids`?"],
    ]);
    expect(reading({ ...good.objects, argument: "toString" }, {})).toEqual([
      ["`desk.refund` has no argument `toString`", undefined],
    ]);
    expect([...argumentFaults(good.objects, "other.tool", {})]).toEqual([]);
    expect([...argumentFaults(good.objects, "toString", {})]).toEqual([]);
  });

  it("has a type that the guardrail can read", () => {
    const text = { kind: "string" } as const;
    const no = (name: string, what: string) => [[`argument \`${name}\` of \`desk.refund\` is not ${what}`]];
    expect(reading(good.refunds, { amount: text })).toEqual(no("amount", "an integer"));
    expect(reading(good.refunds, { amount: { kind: "decimal" } })).toEqual(no("amount", "an integer"));
    expect(reading({ ...good.refunds, in: "cents" }, {})).toEqual([]);
    expect(reading({ ...good.refunds, in: "decimal" }, {})).toEqual(no("amount", "a number"));
    expect(reading({ ...good.refunds, in: "decimal" }, { amount: { kind: "decimal" } })).toEqual([]);
    const currency = { ...good.refunds, currency: { code: "EUR", argument: "currency" } };
    expect(reading(currency, {})).toEqual([]);
    expect(reading(currency, { currency: { kind: "long" } })).toEqual(no("currency", "a string"));
    expect(reading(good.objects, { ids: text })).toEqual(no("ids", "a list"));
    expect(reading(good.step, { share: { kind: "long" } })).toEqual([]);
    expect(reading(good.step, { share: text })).toEqual(no("share", "a number"));
    const typed = "read as typed `domains` by the catalog";
    for (const type of [
      text,
      { kind: "record", attributes: {} },
      { kind: "record", attributes: { domains: text } },
      { kind: "record", attributes: { domains: { kind: "set", of: { kind: "long" } } } },
    ] as const)
      expect(reading(good.egress, { to: type })).toEqual(no("to", typed));
  });
});
