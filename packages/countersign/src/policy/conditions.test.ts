import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { World } from "./cedar/world.ts";
import { clausesOf, conditionsOf, decisiveCondition } from "./conditions.ts";
import { holding } from "./prove/request.fixture.ts";
import { renderClause } from "./render.ts";

function policy(text: string): cedar.PolicyJson {
  const read = cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(read.errors[0]?.message);
  return read.json;
}

const whole = policy(`@id("p") forbid (principal in Group::"g", action == Action::"s.t", resource is Target)
  when { context.b && (context.n == 1 && context.s == "ab") } unless { context.c || context.facts.cured.contains("p") };`);

describe("the conditions of a policy", () => {
  it("are the parts of its head that say something, and each conjunct, in Cedar's order", () => {
    expect(conditionsOf(whole).map(({ kind, text, isCure }) => [kind, text, isCure])).toEqual([
      ["principal", 'principal in Group::"g"', false],
      ["action", 'action == Action::"s.t"', false],
      ["resource", "resource is Target", false],
      ["when", "when { context.b }", false],
      ["when", "when { context.n == 1 }", false],
      ["when", 'when { context.s == "ab" }', false],
      ["unless", "unless { context.c }", false],
      ["unless", 'unless { context.facts.cured.contains("p") }', true],
    ]);
    expect(conditionsOf(policy("permit (principal, action, resource);"))).toEqual([]);
    const [clause] = conditionsOf(policy("permit (principal, action, resource) when { context.b };"));
    expect(clause).toMatchObject({ kind: "when", clause: { kind: "when" }, isCure: false });
    expect(conditionsOf(whole)).toBe(conditionsOf(whole));
    const nameless = policy('forbid (principal, action, resource) unless { context.facts.cured.contains("") };');
    expect(conditionsOf(nameless)[0]?.isCure).toBe(true);
  });

  it("are taken apart where that changes nothing, and not else", () => {
    const apart = (text: string) =>
      clausesOf(policy(`forbid (principal, action, resource) ${text};`)).map(renderClause);
    expect(apart("when { context.a && context.b }")).toEqual(["when { context.a }", "when { context.b }"]);
    expect(apart("when { context.a || context.b }")).toEqual(["when { context.a || context.b }"]);
    expect(apart("unless { context.a || context.b || context.c }")).toEqual([
      "unless { context.a }",
      "unless { context.b }",
      "unless { context.c }",
    ]);
    expect(apart("unless { context.a && context.b }")).toEqual(["unless { context.a && context.b }"]);
    expect(apart("when { context.a } unless { context.b }")).toEqual(["when { context.a }", "unless { context.b }"]);
    expect(apart("")).toEqual([]);
  });
});

describe("the condition that decides", () => {
  const decided = (of: cedar.PolicyJson, more: Parameters<typeof holding>[0] = {}, who = "a") => {
    const request = holding({ facts: { cured: [] }, ...more });
    const found = decisiveCondition(of, new World({ ...request, principal: { type: "Agent", id: who } }));
    return found === undefined ? undefined : [found.index, found.condition.text, found.error];
  };

  it("is the first that is not met, and none where the policy holds", () => {
    expect(decided(whole)).toBeUndefined();
    expect(decided(whole, {}, "b")).toEqual([0, 'principal in Group::"g"', undefined]);
    expect(decided(whole, { n: 2 })).toEqual([4, "when { context.n == 1 }", undefined]);
    expect(decided(whole, { n: 2, b: false })).toEqual([3, "when { context.b }", undefined]);
    expect(decided(whole, { c: true })).toEqual([6, "unless { context.c }", undefined]);
    expect(decided(whole, { facts: { cured: ["p"] } })).toEqual([
      7,
      'unless { context.facts.cured.contains("p") }',
      undefined,
    ]);
    const elsewhere = policy('permit (principal, action == Action::"s.u", resource == Target::"u");');
    expect(decided(elsewhere)).toEqual([0, 'action == Action::"s.u"', undefined]);
    const there = policy('permit (principal, action, resource == Target::"u");');
    expect(decided(there)).toEqual([0, 'resource == Target::"u"', undefined]);
  });

  it("may be one that cannot be evaluated, with what is wrong", () => {
    expect(decided(whole, { b: 1 })).toEqual([3, "when { context.b }", "type error: expected bool, got long"]);
    const mute = {
      get context(): never {
        throw "no error";
      },
    } as unknown as World;
    const read = policy("permit (principal, action, resource) when { context.b };");
    expect(decisiveCondition(read, mute)).toMatchObject({ index: 0, error: "it cannot be evaluated" });
    const gone = policy("permit (principal, action, resource) when { context.gone };");
    expect(decided(gone)).toEqual([0, "when { context.gone }", "there is no attribute `gone`"]);
  });
});
