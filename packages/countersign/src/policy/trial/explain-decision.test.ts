import { describe, expect, it } from "vitest";
import { asks } from "../acme.fixture.ts";
import { asking, forbid, permit, smallSet } from "../small-set.fixture.ts";
import { explainDecision } from "./explain-decision.ts";
import { explainInput } from "./explain-input.ts";

const own = [
  forbid("big", "when { context.args has amount && context.args.amount > 500 && principal.tier < 3 }"),
  forbid("errs", 'when { principal.tier == 1 } when { context.args.note == "x" }'),
  `@title("asks a lead") ${asking("ask", "when { context.args has amount }")}`,
].join("\n");
const policies = smallSet([permit("may"), permit("other", "", "s.u")].join("\n"), own);
const call = (args: { readonly [name: string]: number | string }, tier: 1 | 2 = 1) =>
  asks({ tool: "s.t", verb: "execute", tier, args, principal: { agent: "bot", workflow: "w" } });

describe("a decision is explained", () => {
  it("by every policy about the tool: those that hold first, then the closest, each with its conditions", () => {
    const chains = explainDecision(call({ amount: 5 }, 2), policies);
    expect(chains.map(({ policy }) => policy)).toEqual(["may", "ask", "big", "errs"]);
    expect(chains[0]).toEqual({
      policy: "may",
      effect: "permit",
      digest: expect.stringMatching(/^sha256:/),
      conditions: [
        { kind: "principal", text: 'principal in Workflow::"w"', cure: false, held: true },
        { kind: "action", text: 'action == Action::"s.t"', cure: false, held: true },
      ],
    });
    expect(chains[1]).toMatchObject({
      title: "asks a lead",
      effect: "forbid",
      conditions: [
        { kind: "action", held: true },
        { text: "when { context.args has amount }", cure: false, held: true },
        { text: 'unless { context.facts.cured.contains("ask") }', cure: true, held: true },
      ],
    });
    expect(chains[2]?.conditions.map(({ text, held }) => [text, held])).toEqual([
      ['action == Action::"s.t"', true],
      ["when { context.args has amount }", true],
      ["when { context.args.amount > 500 }", false],
      ["when { principal.tier < 3 }", null],
    ]);
    expect(chains[3]?.conditions.map(({ held }) => held)).toEqual([true, false, null]);
    expect(chains[3]?.conditions.some((one) => "error" in one)).toBe(false);
  });

  it("by what could not be evaluated, and why", () => {
    const errs = explainDecision(call({}), policies).find(({ policy }) => policy === "errs");
    expect(errs?.conditions.map(({ held }) => held)).toEqual([true, true, false]);
    expect(errs?.conditions[2]).toMatchObject({ error: "there is no attribute `note`" });
    expect(errs?.conditions[1]).not.toHaveProperty("error");
  });

  it("by what nearly held, the closest first", () => {
    const { decision, nearMiss } = explainInput(call({ amount: 5, note: "y" }), policies);
    expect(decision.effect).toBe("require");
    expect(nearMiss).toEqual([
      { policy: "big", effect: "forbid", condition: "when { context.args.amount > 500 }", met: 2 },
      { policy: "errs", effect: "forbid", condition: 'when { context.args.note == "x" }', met: 2 },
    ]);
    const wrong = explainInput(call({}), policies).nearMiss;
    expect(wrong).toEqual([
      {
        policy: "errs",
        effect: "forbid",
        condition: 'when { context.args.note == "x" }',
        met: 2,
        error: "there is no attribute `note`",
      },
      { policy: "big", effect: "forbid", condition: "when { context.args has amount }", met: 1 },
      { policy: "ask", title: "asks a lead", effect: "forbid", condition: "when { context.args has amount }", met: 1 },
    ]);
  });

  it("by two hundred policies at most that nearly held", () => {
    const many = Array.from({ length: 201 }, (_, at) => forbid(`p${at}`, `when { principal.tier == ${at + 10} }`));
    const set = smallSet(permit("may"), many.join("\n"));
    expect(explainInput(call({}), set).nearMiss).toHaveLength(200);
  });
});
