import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { evaluateHere } from "./engine.ts";
import type { CompiledPolicy } from "./policy.ts";
import { holding } from "./prove/request.fixture.ts";
import { type Slice, sliceOf } from "./slice.ts";

function policy(id: string, text: string): CompiledPolicy {
  const read = cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(read.errors[0]?.message);
  return {
    id,
    digest: `sha256:${text}`,
    effect: read.json.effect,
    syntax: read.json,
    reads: [],
  } as unknown as CompiledPolicy;
}

const sliceWith = (policies: { readonly [id: string]: string }): Slice =>
  sliceOf(Object.entries(policies).map(([id, text]) => policy(id, text)));

describe("the engine here", () => {
  it("tells what permits, what forbids and what errs, each in the order of their ids", () => {
    const slice = sliceWith({
      "permit-b": "permit (principal, action, resource);",
      "permit-a": "permit (principal, action, resource) when { context.b };",
      "permit-c": "permit (principal, action, resource) unless { context.b };",
      "forbid-b": "forbid (principal, action, resource);",
      "forbid-a": "forbid (principal, action, resource) when { context.n == 1 };",
      "errs-b": "forbid (principal, action, resource) when { context.gone };",
      "errs-a": "permit (principal, action, resource) when { context.n };",
    });
    const told = {
      permits: ["permit-a", "permit-b"],
      forbids: ["forbid-a", "forbid-b"],
      errors: [
        { policy: "errs-a", message: "type error: expected bool, got long" },
        { policy: "errs-b", message: "there is no attribute `gone`" },
      ],
    };
    expect(evaluateHere(slice, holding())).toEqual(told);
    expect(evaluateHere(slice, holding())).toEqual(told);
    expect(evaluateHere(slice, holding({ b: false, n: 2 })).permits).toEqual(["permit-b", "permit-c"]);
  });

  it("looks at the policies of whoever asks, and of all that they are in", () => {
    const policies = {
      all: "permit (principal, action, resource);",
      typed: "permit (principal is Agent, action, resource);",
      self: 'permit (principal == Agent::"a", action, resource);',
      selfIn: 'permit (principal in Agent::"a", action, resource);',
      other: 'permit (principal == Agent::"b", action, resource);',
      group: 'permit (principal in Group::"g", action, resource);',
      groupToo: 'permit (principal in Group::"g", action, resource) when { context.b };',
      above: 'permit (principal in Group::"top", action, resource);',
      // Who is in a group is not the group.
      exactly: 'permit (principal == Group::"g", action, resource);',
      elsewhere: 'permit (principal in Group::"else", action, resource);',
    };
    const permits = ["above", "all", "group", "groupToo", "self", "selfIn", "typed"];
    expect(evaluateHere(sliceWith(policies), holding()).permits).toEqual(permits);
    const { all, typed } = policies;
    expect(evaluateHere(sliceWith({ all, typed }), holding()).permits).toEqual(["all", "typed"]);
    expect(evaluateHere(sliceWith({ self: policies.self }), holding()).permits).toEqual(["self"]);
    const escaped = policy("escaped", policies.self);
    const syntax = {
      ...escaped.syntax,
      principal: { op: "==", entity: { __entity: { type: "Agent", id: "a" } } },
    } as const;
    expect(evaluateHere(sliceOf([{ ...escaped, syntax }]), holding()).permits).toEqual(["escaped"]);
  });

  it("asks a policy once, however many ways there are to whom it is for, and in whatever circle", () => {
    const slice = sliceWith({
      self: 'permit (principal in Agent::"a", action, resource);',
      group: 'permit (principal in Group::"g", action, resource);',
      above: 'permit (principal in Group::"top", action, resource);',
      scoped: 'permit (principal, action in [Action::"none", Action::"read"], resource);',
      circular: 'permit (principal in Group::"none", action, resource);',
    });
    const of = (type: string, id: string) => ({ type, id });
    const [agent, group, top, tool] = [of("Agent", "a"), of("Group", "g"), of("Group", "top"), of("Action", "t")];
    const entities = [
      { uid: agent, attrs: {}, parents: [group, group, top] },
      { uid: group, attrs: {}, parents: [top, agent] },
      { uid: top, attrs: {}, parents: [group] },
      { uid: tool, attrs: {}, parents: [of("Action", "read")] },
    ];
    const request = { principal: agent, action: tool, resource: of("Target", "x"), context: {} };
    expect(evaluateHere(slice, { ...request, entities }).permits).toEqual(["above", "group", "scoped", "self"]);
    const told = [{ uid: agent, attrs: {}, parents: [] }];
    expect(evaluateHere(slice, { ...request, entities: [...entities, ...told] }).permits).toEqual(["scoped", "self"]);
  });

  it("looks into a slice once, and into a policy's syntax once, however often it is asked", () => {
    const known = policy("p", 'permit (principal == Agent::"a", action, resource) when { context.b };');
    const read = { policies: 0, conditions: 0 };
    const { conditions, ...head } = known.syntax;
    const syntax = {
      ...head,
      get conditions() {
        read.conditions++;
        return conditions;
      },
    };
    const { policies, ...rest } = sliceOf([{ ...known, syntax } as CompiledPolicy]);
    const slice: Slice = {
      ...rest,
      get policies() {
        read.policies++;
        return policies;
      },
    };
    expect(evaluateHere(slice, holding()).permits).toEqual(["p"]);
    const once = { ...read };
    for (let times = 0; times < 3; times++) expect(evaluateHere(slice, holding()).permits).toEqual(["p"]);
    expect(read).toEqual(once);
  });

  it("says of a fault that has no words that it cannot be evaluated", () => {
    const broken = policy("broken", "permit (principal, action, resource);");
    const scope = {
      get op(): "All" {
        throw "no error";
      },
    };
    const { errors } = evaluateHere(sliceOf([{ ...broken, syntax: { ...broken.syntax, action: scope } }]), holding());
    expect(errors).toEqual([{ policy: "broken", message: "it cannot be evaluated" }]);
  });
});
