import { describe, expect, it } from "vitest";
import type { CompiledPolicy } from "../policy.ts";
import { renderClause, renderScope } from "../render.ts";
import { asking, forbid, permit, smallSet } from "../small-set.fixture.ts";
import { mutantsOf } from "./mutants.ts";

const rendered = ({ syntax }: CompiledPolicy) =>
  [
    ...(["principal", "action", "resource"] as const).map((name) => renderScope(name, syntax)),
    ...syntax.conditions.map(renderClause),
  ].join(" ");

function faultsOf(workflow: string, own: string, id: string) {
  const policies = smallSet(workflow, own);
  return [...mutantsOf(policies, (policy) => policy.id === id)].map(({ policy, fault, policies: set }) => {
    expect(policy).toBe(id);
    expect(set).toMatchObject({ revision: policies.revision, workflows: policies.workflows });
    const changed = set.policies.find((one) => one.id === id);
    const others = policies.policies.filter((one) => one.id !== id);
    for (const other of others) expect(set.policies).toContain(other);
    expect(set.policies.length).toBe(others.length + (changed === undefined ? 0 : 1));
    return [fault, changed] as const;
  });
}

const told = (faults: ReturnType<typeof faultsOf>) =>
  faults.map(([fault, changed]) => [fault, changed === undefined ? undefined : rendered(changed)]);

describe("the small faults of a policy", () => {
  it("drop it, a condition, turn a condition or a comparison, and widen its head", () => {
    const all = 'principal action == Action::"s.t" resource';
    expect(
      told(faultsOf(permit("may"), forbid("big", "when { principal.tier < 2 && context.run.tainted }"), "big")),
    ).toEqual([
      ["drops the forbid", undefined],
      ["drops when { principal.tier < 2 }", `${all} when { context.run.tainted }`],
      [
        "turns when { principal.tier < 2 } into unless { principal.tier < 2 }",
        `${all} unless { principal.tier < 2 } when { context.run.tainted }`,
      ],
      [
        "turns principal.tier < 2 into principal.tier <= 2",
        `${all} when { principal.tier <= 2 } when { context.run.tainted }`,
      ],
      ["drops when { context.run.tainted }", `${all} when { principal.tier < 2 }`],
      [
        "turns when { context.run.tainted } into unless { context.run.tainted }",
        `${all} when { principal.tier < 2 } unless { context.run.tainted }`,
      ],
      [
        'widens action == Action::"s.t" to all',
        "principal action resource when { principal.tier < 2 && context.run.tainted }",
      ],
    ]);
  });

  it("turn each comparison into its neighbour, wherever it stands", () => {
    for (const [was, is] of [
      ["<", "<="],
      ["<=", "<"],
      [">", ">="],
      [">=", ">"],
      ["==", "!="],
      ["!=", "=="],
    ])
      expect(told(faultsOf("", forbid("p", `unless { principal.tier ${was} 2 }`), "p"))).toContainEqual([
        `turns principal.tier ${was} 2 into principal.tier ${is} 2`,
        `principal action == Action::"s.t" resource unless { principal.tier ${is} 2 }`,
      ]);
    const turned = (condition: string) =>
      told(faultsOf("", forbid("p", `when { ${condition} }`), "p")).flatMap(([fault, text]) =>
        fault?.startsWith("turns when") === false && fault.startsWith("turns")
          ? [text?.replace(/^.*? when /, "when ")]
          : [],
      );
    expect(turned("[1 == 2, 3 < 4].contains(true)")).toEqual([
      "when { [1 != 2, 3 < 4].contains(true) }",
      "when { [1 == 2, 3 <= 4].contains(true) }",
    ]);
    expect(turned("if 1 < 2 then 3 > 4 else context.args has amount")).toEqual([
      "when { if 1 <= 2 then 3 > 4 else context.args has amount }",
      "when { if 1 < 2 then 3 >= 4 else context.args has amount }",
    ]);
    expect(turned('{a: 1 == 2}.a && resource.target like "a*"')).toEqual([
      'when { {"a": 1 != 2}.a } when { resource.target like "a*" }',
    ]);
    expect(turned("(1 == 2) == (3 == 4)")).toHaveLength(3);
    expect(turned("context.run.tainted")).toEqual([]);
  });

  it("leave its cure, which activation looks at", () => {
    const faults = told(faultsOf("", asking("ask", "when { principal.tier == 1 }"), "ask"));
    expect(faults.map(([fault]) => fault)).toEqual([
      "drops the forbid",
      "asks others than leads",
      "lets an answer stand twice as long as 1h",
      "drops when { principal.tier == 1 }",
      "turns when { principal.tier == 1 } into unless { principal.tier == 1 }",
      "turns principal.tier == 1 into principal.tier != 1",
      'widens action == Action::"s.t" to all',
    ]);
    for (const [, text] of faults.slice(1)) expect(text).toContain('unless { context.facts.cured.contains("ask") }');
  });

  it("ask fewer or others, let those answer who may not, and let an answer stand longer", () => {
    const asks = asking("ask", "", "leads", 2).replace('@exclude("nobody")', '@exclude("requester,owner")');
    const cures = faultsOf("", asks, "ask").flatMap(([fault, changed]) =>
      /^(asks|lets)/.test(fault) ? [[fault, changed?.cure]] : [],
    );
    const cure = {
      kind: "approval",
      from: "leads",
      count: 2,
      exclude: ["requester", "owner"],
      openMs: 14_400_000,
      validMs: 3_600_000,
    };
    expect(cures).toEqual([
      ["asks 1 of leads and not 2", { ...cure, count: 1 }],
      ["asks others than leads", { ...cure, from: "not-leads" }],
      ["lets the requester answer", { ...cure, exclude: ["owner"] }],
      ["lets the owner answer", { ...cure, exclude: ["requester"] }],
      ["lets an answer stand twice as long as 1h", { ...cure, validMs: 7_200_000 }],
    ]);
  });

  it("of a permit never take it away, and change what is known of it with its text", () => {
    const faults = faultsOf(permit("may", "context.args.amount < 5"), "", "may");
    expect(faults.map(([fault]) => fault)).toEqual([
      "drops when { context.args.amount < 5 }",
      "turns when { context.args.amount < 5 } into unless { context.args.amount < 5 }",
      "turns context.args.amount < 5 into context.args.amount <= 5",
      'widens principal in Workflow::"w" to all',
      'widens action == Action::"s.t" to all',
    ]);
    const [dropped, , , anybody, anything] = faults.map(([, changed]) => changed);
    expect(dropped).toMatchObject({ reads: [], unconditional: true, action: ["s.t"], principal: { id: "w" } });
    expect(anybody).toMatchObject({ reads: ["amount"], unconditional: false, action: ["s.t"], principal: null });
    expect(anything).toMatchObject({ reads: ["amount"], unconditional: false, action: null, principal: { id: "w" } });
    const there = '@id("there") forbid (principal, action == Action::"s.t", resource == Target::"x") when { true };';
    const [, withoutIt, , widened] = faultsOf("", there, "there").map(([, changed]) => changed);
    expect(withoutIt?.unconditional).toBe(false);
    expect(widened?.unconditional).toBe(false);
    const widest = faultsOf("", '@id("w") forbid (principal, action == Action::"s.t", resource == Target::"x");', "w");
    expect(widest.map(([fault, changed]) => [fault, changed?.unconditional])).toEqual([
      ["drops the forbid", undefined],
      ['widens action == Action::"s.t" to all', false],
      ['widens resource == Target::"x" to all', true],
    ]);
  });
});
