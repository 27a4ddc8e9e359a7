import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { EvaluationFault } from "../cedar/fault.ts";
import { compileProgram } from "../cedar/program.ts";
import { World } from "../cedar/world.ts";
import type { CompiledPolicy } from "../policy.ts";
import { gateOf, isHopeless, translatePolicy } from "./gate.ts";
import { Model } from "./model.fixture.ts";
import { holding, requests } from "./request.fixture.ts";

function policy(text: string): cedar.PolicyJson {
  const read = cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(`${text}: ${read.errors[0]?.message}`);
  return read.json;
}

describe("a policy in SMT-LIB", () => {
  it("holds, errs or does neither as where it is evaluated", () => {
    const seen = new Set<string>();
    for (const text of [
      "forbid (principal, action, resource);",
      'forbid (principal == Agent::"a", action == Action::"s.t", resource == Target::"t");',
      'forbid (principal == Agent::"b", action, resource) when { context.gone };',
      'forbid (principal, action == Action::"read", resource);',
      'forbid (principal in Group::"top", action in Action::"read", resource in System::"s");',
      'forbid (principal in Group::"other", action, resource);',
      'forbid (principal in Agent::"a", action in [Action::"execute", Action::"read"], resource);',
      'forbid (principal, action in [Action::"execute", Action::"propose"], resource);',
      "forbid (principal is Agent, action, resource is Target);",
      "forbid (principal is Target, action, resource);",
      'forbid (principal is Agent in Group::"g", action, resource is Target in System::"x");',
      'forbid (principal is Agent in Group::"g", action, resource is Target in System::"s");',
      'forbid (principal is Group in Group::"g", action, resource);',
      "forbid (principal, action, resource) when { context.b };",
      "forbid (principal, action, resource) unless { context.b };",
      "forbid (principal, action, resource) when { context.b } when { context.c };",
      "forbid (principal, action, resource) when { context.b } unless { context.c };",
      "forbid (principal, action, resource) when { context.b } when { context.gone };",
      "forbid (principal, action, resource) when { context.c } unless { context.gone };",
      "forbid (principal, action, resource) when { false } when { context.gone };",
      "forbid (principal, action, resource) when { context.n } when { context.b };",
      'forbid (principal, action, resource) when { context.s == "ab" } when { context.n == 1 } when { context.gone };',
    ])
      for (const [at, request] of requests.entries())
        for (const flavour of ["constants", "variables"] as const) {
          const model = new Model(request, flavour);
          const { terms } = model.translation;
          const { holds, fault } = translatePolicy(model.translation, policy(text));
          const where = `${text} of request ${at}, ${flavour}`;
          const is = evaluated(policy(text), request);
          seen.add(is);
          expect(model.outcomes(model.translation.boolean(fault, holds)), where).toEqual([is]);
          expect(model.outcomes(model.translation.boolean(terms.no, terms.and(holds, fault))), where).toEqual([
            "false",
          ]);
        }
    expect(seen.size).toBe(3);
  });

  it("is said as far as it can hold, and nothing is said of what comes behind", () => {
    const { translation } = new Model(holding(), "variables");
    const told = () => translation.terms.lines.length;
    const before = told();
    const never = policy("forbid (principal is Target, action, resource) when { context.n < context.m };");
    expect(translatePolicy(translation, never).holds).toBe(translation.terms.no);
    expect(told()).toBe(before);
    translatePolicy(translation, policy("forbid (principal, action, resource) when { context.n < context.m };"));
    expect(told()).toBeGreaterThan(before);
  });

  it("has nothing in its slots", () => {
    const all = { op: "All" } as const;
    const bare = { effect: "forbid" as const, conditions: [], principal: all, action: all, resource: all };
    const { translation } = new Model(holding(), "constants");
    for (const principal of [
      { op: "==", slot: "?principal" },
      { op: "in", slot: "?principal" },
      { op: "is", entity_type: "Agent", in: { slot: "?principal" } },
    ] as const)
      expect(translatePolicy(translation, { ...bare, principal })).toEqual({
        holds: translation.terms.no,
        fault: translation.terms.no,
      });
    const escaped = { op: "==", entity: { __entity: { type: "Agent", id: "a" } } } as const;
    expect(translatePolicy(translation, { ...bare, principal: escaped }).holds).toBe(translation.terms.yes);
  });
});

function evaluated(of: cedar.PolicyJson, request: (typeof requests)[number]): string {
  try {
    return `${compileProgram(of)(new World(request))}`;
  } catch (thrown) {
    if (thrown instanceof EvaluationFault) return "fault";
    throw thrown;
  }
}

it("a gate is what every policy together makes of a call, whichever of them hold", () => {
  const of = (effect: "permit" | "forbid", name: string, more: Partial<CompiledPolicy> = {}): CompiledPolicy =>
    ({
      id: name,
      effect,
      mode: "enforce",
      syntax: policy(`${effect} (principal, action, resource) when { context.${name} };`),
      ...more,
    }) as CompiledPolicy;
  const policies = [
    of("permit", "permits", { mode: "always" }),
    of("permit", "permitsToo"),
    of("forbid", "refuses"),
    of("forbid", "asks", { cure: { kind: "approval" } as never }),
    of("forbid", "checks", { cure: { kind: "check", names: ["plan"], maxAgeMs: 1 } }),
    of("forbid", "hopeless", { cure: { kind: "check", names: [], maxAgeMs: 1 } }),
    of("forbid", "always", { mode: "always", cure: { kind: "wait", until: "2026-01-01T00:00:00Z" } }),
    {
      ...of("permit", "permits"),
      syntax: policy("permit (principal, action, resource) when { context.errs && context.gone };"),
    },
  ];
  const names = ["permits", "permitsToo", "refuses", "asks", "checks", "hopeless", "always", "errs"] as const;
  for (let at = 0; at < 2 ** names.length; at++) {
    const is = Object.fromEntries(names.map((name, bit) => [name, (at & (1 << bit)) !== 0])) as {
      readonly [name in (typeof names)[number]]: boolean;
    };
    const { translation } = new Model(holding(is), "constants");
    const { allow, require, person, mayPass, asking } = gateOf(translation, policies);
    expect(asking.map(({ policy: { id }, holds }) => [id, holds.op])).toEqual([
      ["asks", `${is.asks}`],
      ["checks", `${is.checks}`],
      ["always", `${is.always}`],
    ]);
    const mayRun = !is.errs && (is.permits || is.permitsToo) && !is.refuses && !is.hopeless;
    const isCurable = is.asks || is.checks || is.always;
    expect([allow.op, require.op, person.op, mayPass.op], JSON.stringify(is)).toEqual(
      [mayRun && !isCurable, mayRun && isCurable, mayRun && is.asks, !is.errs && !is.always].map(String),
    );
  }
});

it("nothing meets a cure that asks for checks where none is configured", () => {
  expect(isHopeless({ kind: "check", names: [], maxAgeMs: 1 })).toBe(true);
  expect(isHopeless({ kind: "check", names: ["plan"], maxAgeMs: 1 })).toBe(false);
  expect(isHopeless({ kind: "wait", until: "2026-01-01T00:00:00Z" })).toBe(false);
});
