import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import {
  actionScope,
  actionsIn,
  argumentsRead,
  isOwnCureClause,
  namedActions,
  pathsRead,
  principalScope,
  readsArgument,
  readsCured,
  zonesRead,
} from "./syntax.ts";

function parsed(text: string) {
  const read = text.includes("?principal") ? cedar.templateToJson(text) : cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(read.errors[0]?.message);
  return read.json;
}
const when = (condition: string) => parsed(`forbid (principal, action, resource) when { ${condition} };`);
const head = (scope: string) => parsed(`forbid (${scope});`);
const clauseOf = (policy: ReturnType<typeof parsed>) => policy.conditions[0]!;

describe("what a policy reads", () => {
  it("is each way, as far as it goes", () => {
    const ways = (condition: string) => pathsRead(clauseOf(when(condition)).body).map((way) => way.join("."));
    expect(ways("context.args.a.b == 1 && principal.tier > 2")).toEqual(["context.args.a.b", "principal.tier"]);
    expect(ways("context.args has a.b || resource has owner")).toEqual(["context.args.a.b", "resource.owner"]);
    expect(ways('["x", context.args.a].contains(context.run.id)')).toEqual(["context.args.a", "context.run.id"]);
    expect(ways('{ context: context.args.a, "b": 1 } == { context: principal }')).toEqual([
      "context.args.a",
      "principal",
    ]);
    expect(ways("(if context.b then context.c else principal).d == 1")).toEqual([
      "context.b",
      "context.c",
      "principal",
    ]);
    expect(ways('ip(context.args.ip).isInRange(ip("10.0.0.0/8"))')).toEqual(["context.args.ip"]);
    expect(ways("true")).toEqual([]);
  });

  it("of arguments is each first name, and what is normalised one level further", () => {
    expect(
      argumentsRead(
        when("context.args.b == 1 && context.args.a.c == 1 && context.args has b && context.run.id == context.stage"),
      ),
    ).toEqual(["a", "b"]);
    expect(argumentsRead(when("context.args.parsed.url.hosts == [] && context.args.parsed has to"))).toEqual([
      "parsed.to",
      "parsed.url",
    ]);
    expect(argumentsRead(when("context.args has parsed"))).toEqual(["parsed"]);
    expect(argumentsRead(when("principal.args.a == 1"))).toEqual([]);
    for (const whole of ["context.args == {}", "context == {}", "context has args", "{ a: context.args } == {}"])
      expect(argumentsRead(when(whole)), whole).toBeNull();
  });

  it("of clocks is each zone", () => {
    expect(
      zonesRead(
        when(
          'context.local["Europe/Berlin"].day > 1 || context.local["UTC"].minute < 2 || context.local == {} || principal.local.x == 1 || context.run.id == "x"',
        ),
      ),
    ).toEqual(["Europe/Berlin", "UTC"]);
  });

  it("is this argument, where it is that or a part or the whole of it", () => {
    expect(readsArgument(null, "a")).toBe(true);
    expect(readsArgument(["a"], "a")).toBe(true);
    expect(readsArgument(["a"], "b")).toBe(false);
    expect(readsArgument(["parsed.url"], "parsed")).toBe(true);
    expect(readsArgument(["parsed"], "parsed.url")).toBe(true);
    expect(readsArgument(["parsed.url"], "parsed.to")).toBe(false);
    expect(readsArgument(["parsed"], "parsedAt")).toBe(false);
    expect(readsArgument(["parsedAt"], "parsed")).toBe(false);
  });
});

describe("a cure", () => {
  it("is read where `cured` is, or any whole that holds it", () => {
    for (const reads of [
      'context.facts.cured.contains("a")',
      "context.facts == {}",
      "context == {}",
      "context has facts",
      "{ a: context.facts.cured } == {}",
    ])
      expect(readsCured(clauseOf(when(reads))), reads).toBe(true);
    for (const reads of [
      "context.facts.stopped",
      "context.facts has cure",
      'context.args.cured == "a"',
      "principal.facts.cured == 1",
      "context.args has facts",
    ])
      expect(readsCured(clauseOf(when(reads))), reads).toBe(false);
  });

  it("of its own is one exact clause and no other", () => {
    const clause = (text: string) => clauseOf(parsed(`forbid (principal, action, resource) ${text};`));
    const own = 'context.facts.cured.contains("p")';
    expect(isOwnCureClause(clause(`unless { ${own} }`), "p")).toBe(true);
    for (const text of [
      `when { ${own} }`,
      'unless { context.facts.cured.contains("q") }',
      `unless { ${own} || true }`,
      `unless { !${own} }`,
      'unless { context.facts.cure.contains("p") }',
      'unless { context.args.cured.contains("p") }',
      'unless { principal.facts.cured.contains("p") }',
      'unless { context.facts.cured.containsAny(["p"]) }',
      "unless { context.facts.cured.contains(principal.p) }",
    ])
      expect(isOwnCureClause(clause(text), "p"), text).toBe(false);
  });
});

describe("the scope of a policy", () => {
  it("names actions, or none", () => {
    expect(actionScope(head("principal, action, resource"))).toEqual({ ok: null });
    expect(actionScope(head('principal, action == Action::"a.b", resource'))).toEqual({ ok: ["a.b"] });
    expect(actionScope(head('principal, action in Action::"read", resource'))).toEqual({ ok: ["read"] });
    expect(actionScope(head('principal, action in [Action::"a.b", Action::"c.d"], resource'))).toEqual({
      ok: ["a.b", "c.d"],
    });
    expect(actionScope(head("principal, action in [], resource"))).toEqual({ ok: [] });
    const odd = head('principal, action == X::Action::"a.b", resource');
    expect(actionScope(odd)).toEqual({ fault: "`X::Action` is no action" });
  });

  it("names an agent, a workflow, a group, or everybody", () => {
    const is = "write `principal in …` or `principal == …` in place of `principal is …`";
    expect(principalScope(head("principal, action, resource"))).toEqual({ ok: null });
    expect(principalScope(head("principal is Agent, action, resource"))).toEqual({ ok: null });
    expect(principalScope(head("principal is Group, action, resource"))).toEqual({ fault: is });
    expect(principalScope(head('principal is Agent in Group::"a", action, resource'))).toEqual({ fault: is });
    expect(principalScope(head('principal == Agent::"a", action, resource'))).toEqual({
      ok: { type: "Agent", id: "a" },
    });
    for (const type of ["Workflow", "Group"])
      expect(principalScope(head(`principal in ${type}::"a", action, resource`))).toEqual({ ok: { type, id: "a" } });
    expect(principalScope(head('principal in User::"a", action, resource'))).toEqual({
      fault: "`User` is no kind of principal",
    });
    expect(principalScope(head("principal == ?principal, action, resource"))).toEqual({
      fault: "a policy has no slots",
    });
  });
});

describe("actions that policies name", () => {
  it("are those of their scopes and conditions, each once", () => {
    const one = parsed(
      'forbid (principal, action in [Action::"c.d", Action::"a.b"], resource) when { action == Action::"e.f" };',
    );
    expect(namedActions([one, head('principal, action == Action::"a.b", resource')])).toEqual(["a.b", "c.d", "e.f"]);
    expect(namedActions([])).toEqual([]);
  });

  it("are not all told where one matches an action that it does not name", () => {
    const exact = head('principal, action == Action::"a.b", resource');
    expect(namedActions([head('principal, action in [Action::"a.b", Action::"read"], resource')])).toBeNull();
    for (const scope of ["action", ...["read", "propose", "execute"].map((verb) => `action in Action::"${verb}"`)])
      expect(namedActions([exact, head(`principal, ${scope}, resource`)]), scope).toBeNull();
  });

  it("are references and no other values", () => {
    expect(
      actionsIn([
        { type: "Action", id: "a" },
        { x: { type: "Agent", id: "b" } },
        { type: "Action", id: 7 },
        null,
        "Action",
        { type: "Action" },
      ]),
    ).toEqual(["a"]);
  });
});
