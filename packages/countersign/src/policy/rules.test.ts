import { describe, expect, it } from "vitest";
import { support } from "./acme.fixture.ts";
import { type AskRule, type CapRule, type CheckRule, granted, rulesFaults, type WorkflowRules } from "./rules.ts";

const refund = "helpdesk.draft_refund";
const good: WorkflowRules = {
  ...support,
  observeUntil: "2026-12-01T00:00:00Z",
  irreversible: [refund],
  checks: [{ name: "plan", tools: [refund], age: "15m" }, { name: "secrets" }],
  caps: [
    { unit: "objects", most: 0, tools: [refund] },
    { unit: "money", most: 5_000, currency: "EUR", tools: [] },
  ],
  obligations: [{ kind: "redact", properties: ["secret"] }],
  guardrails: [{ use: "call-limit", name: "rate", tools: [refund], most: 3, per: "run", within: "1h" }],
};
const faultsOf = (more: object) =>
  rulesFaults({ ...good, ...more }).map(({ file, detail, help }) => {
    expect(file).toBe(support.file);
    return help === undefined ? [detail] : [detail, help];
  });
const asking = (more: Partial<AskRule>) => faultsOf({ ask: [{ tool: refund, from: "support-leads", ...more }] });
const checking = (more: Partial<CheckRule>) => faultsOf({ checks: [{ name: "plan", ...more }] });
const capped = (more: Partial<CapRule>) => faultsOf({ caps: [{ unit: "objects", most: 1, tools: [], ...more }] });
const long = (first: string, length: number) => first + "b".repeat(length - 1);

describe("the rules of a workflow", () => {
  it("have no faults as they should be, with all that they may hold and with as little", () => {
    expect(rulesFaults(good)).toEqual([]);
    expect(rulesFaults(support)).toEqual([]);
  });

  it("grant what is allowed and what is asked for", () => {
    expect(granted(support)).toEqual(["helpdesk.search_tickets", "helpdesk.draft_reply", refund]);
  });

  it("have plain names, and name each agent", () => {
    for (const name of ["", "-a", "a b", 'a"b', "ä", long("a", 129)]) {
      expect(faultsOf({ workflow: name })).toEqual([[`\`${name}\` is no name of a workflow`]]);
      expect(faultsOf({ agents: [name] })).toEqual([[`\`${name}\` is no name of an agent`]]);
    }
    for (const name of ["A", "0", "a._@:/-Z9", long("a", 128)])
      expect(faultsOf({ workflow: name, agents: [name] })).toEqual([]);
    for (const agent of ["*", "bot-*"])
      expect(faultsOf({ agents: [agent] })).toEqual([[`\`${agent}\` would grant to every agent`, "name each agent"]]);
  });

  it("name each tool, wherever one is named", () => {
    const named = (tool: string): readonly object[] => [
      { allow: [tool] },
      { block: [tool] },
      { ask: [...good.ask, { tool, from: "sre" }] },
    ];
    for (const more of named("helpdesk.*"))
      expect(faultsOf(more)).toEqual([
        ["`helpdesk.*` is a wildcard, and there are no wildcard grants", "name each tool as `server.tool`"],
      ]);
    for (const tool of ["helpdesk", ".x", "x.", 'a."b', "a.b c", "a.ä", "a.`b"])
      for (const more of named(tool))
        expect(faultsOf(more)).toEqual([[`\`${tool}\` is no tool`, "write `server.tool`"]]);
    const plain = ["`x` is no tool", "write `server.tool`"];
    expect(faultsOf({ irreversible: ["x"] })[0]).toEqual(plain);
    expect(checking({ tools: ["x"] })[0]).toEqual(plain);
    expect(faultsOf({ guardrails: [{ ...good.guardrails?.[0], tools: ["x"] }] })[0]).toEqual(plain);
  });

  it("have a tool in one list, once", () => {
    const help = "a tool is in one of `allow`, `ask` and `block`, once";
    expect(faultsOf({ allow: ["a.b", "a.b"] })).toEqual([["`a.b` is in `allow` and in `allow`", help]]);
    expect(faultsOf({ block: [refund] })).toEqual([[`\`${refund}\` is in \`ask\` and in \`block\``, help]]);
    expect(faultsOf({ allow: [refund] })).toEqual([[`\`${refund}\` is in \`allow\` and in \`ask\``, help]]);
  });

  it("end observing at an instant", () => {
    expect(faultsOf({ observeUntil: "soon" })).toEqual([["`soon` is no instant at which observing ends"]]);
  });

  it("ask people who can be asked, as many as can be, for as long as they can be", () => {
    for (const from of ["sre", "dri", "lea@acme.example", "lea+x@acme.example", "a%b@x-y.z"])
      expect(asking({ from })).toEqual([]);
    for (const from of ["", "a b", "-x", "@acme.example", "x y@acme.example", "lea@acme.example x", "%a@"])
      expect(asking({ from })).toEqual([
        [`\`${refund}\` asks \`${from}\`, which is no name of a group and no person's address`],
      ]);
    for (const count of [0, -1, 11, 1.5])
      expect(asking({ count })).toEqual([[`\`${refund}\` asks for ${count} approvals; it is a number from 1 to 10`]]);
    for (const count of [1, 10]) expect(asking({ count })).toEqual([]);
    expect(asking({ open: "31d" })).toEqual([["`open: 31d` is no duration such as `4h`, at most 30d"]]);
    expect(asking({ valid: "long" })).toEqual([["`valid: long` is no duration such as `4h`, at most 30d"]]);
    expect(asking({ open: "30d", valid: "1s" })).toEqual([]);
  });

  it("say of granted tools alone that they are checked, capped or cannot be undone", () => {
    expect(faultsOf({ irreversible: ["a.b"] })).toEqual([
      ["`irreversible` names `a.b`, which is neither in `allow` nor in `ask`"],
    ]);
    expect(checking({ tools: ["a.b"] })).toEqual([["check `plan` names `a.b`, which the workflow does not grant"]]);
    expect(capped({ tools: ["a.b"] })).toEqual([["the cap on objects names `a.b`, which the workflow does not grant"]]);
    expect(faultsOf({ guardrails: [{ ...good.guardrails?.[0], tools: ["a.b"] }] })).toEqual([
      ["guardrail `rate` names `a.b`, which the workflow does not grant"],
    ]);
    expect(faultsOf({ guardrails: [{ ...good.guardrails?.[0], tools: ["helpdesk.draft_refnd"] }] })[0]?.[1]).toContain(
      refund,
    );
  });

  it("name checks with an age", () => {
    expect(checking({ name: "a b" })).toEqual([["`a b` is no name of a check"]]);
    expect(checking({ age: "old" })).toEqual([["`age: old` is no duration such as `15m`"]]);
  });

  it("cap whole numbers, and money in a currency", () => {
    for (const most of [-1, 1.5, 2 ** 53])
      expect(capped({ most })).toEqual([["the cap on objects is no whole number"]]);
    const money = { unit: "money" } as const;
    for (const currency of ["eur", "EURO", "xEUR"])
      expect(capped({ ...money, currency })).toEqual([
        ["the cap on money has no currency, or one that it cannot have"],
      ]);
    expect(capped(money)).toEqual([["the cap on money has no currency, or one that it cannot have"]]);
    expect(capped({ ...money, currency: "EUR" })).toEqual([]);
    expect(capped({ currency: "EUR" })).toEqual([["the cap on objects has no currency, or one that it cannot have"]]);
  });

  it("cut known labels out of what they grant", () => {
    const cut = (tool: string, label: string) => faultsOf({ redact: [{ tool, label: label as "personal" }] });
    const [granted = ""] = support.allow;
    expect(cut(granted, "personal")).toEqual([]);
    expect(cut(granted, "public")).toEqual([["`public` is no label that is cut"]]);
    expect(cut("x.nothing", "personal")).toEqual([
      ["`redact` names `x.nothing`, which is neither in `allow` nor in `ask`"],
    ]);
  });

  it("hold no obligation that the gate does not carry out", () => {
    const held = (kind: string, ...properties: readonly string[]) => faultsOf({ obligations: [{ kind, properties }] });
    expect([held("record_full"), held("redact", "personal", "secret")]).toEqual([[], []]);
    for (const [kind, ...properties] of [["hope"], ["notify", "sre"], ["redact"], ["redact", "personal", "mine"]])
      expect(held(`${kind}`, ...properties)).toEqual([[`obligation \`${kind}\` is none that this gate carries out`]]);
  });
});
