import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { renderClause, renderExpression, renderScope } from "./render.ts";

function parsed(text: string) {
  const read = /\?(?:principal|resource)/.test(text) ? cedar.templateToJson(text) : cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(read.errors[0]?.message);
  return read.json;
}
const again = (condition: string) =>
  renderExpression(parsed(`forbid (principal, action, resource) when { ${condition} };`).conditions[0]!.body);

describe("a condition as text", () => {
  it.each([
    "principal.tier == 1",
    "1 + 2 * 3 - 4 < 5",
    "(1 + 2) * 3 == 9",
    "1 - (2 - 3) == 2",
    "1 * 2 * 3 == 6",
    "-(1 + 2) == -3",
    "-context.n == -(-context.n)",
    "1 - -1 == 2",
    "!(context.a && context.b)",
    "!context.a",
    "!true",
    '"a".isEmpty()',
    "!(1 == 2)",
    "context.a && context.b || context.c && context.d",
    "(context.a || context.b) && (context.c || context.d)",
    "context.a || context.b || context.c",
    "(context.a == 1) == (context.b != 2)",
    "context.a >= 1 && context.b <= 2 && context.c > 3",
    'principal in Group::"a" && action in [Action::"b", Action::"c"]',
    'principal is Agent && principal is Agent in Group::"a"',
    "if context.a then 1 else 2 == 3",
    "(if context.a then 1 else 2) == 3",
    "(if context.a then context.b else context.c) && context.d",
    '[1, "a", [true]].contains(context.a)',
    "[].isEmpty()",
    "context.a.containsAll([1]) && context.a.containsAny([2])",
    'principal.hasTag("k") && principal.getTag("k") == "v"',
    '{"a": 1, "b c": {"d": 2}}.a == 1',
    'context["a b"].c["if"] == context._x1',
    "context has a",
    "context has a.b.c",
    'context has "a b"',
    "(context.a + 1).b has c",
    'context.s like "a*b\\*c"',
    'ip(context.ip).isInRange(ip("10.0.0.0/8"))',
    'decimal("1.5").lessThan(context.d) || datetime("2024-01-01").toDate() == context.t',
    'duration("1d").toHours() == 24 && context.t.offset(duration("1h")) > context.u',
    '"tab\\tnew\\nquote\\"back\\\\nul\\0cr\\r" == "\\u{202e}\\u{7f}ä😀"',
  ])("`%s` is what it was", (text) => {
    expect(again(text)).toBe(text);
  });

  it("has the parentheses that it needs and no others", () => {
    expect(again("((context.a) && ((context.b)))")).toBe("context.a && context.b");
    expect(again("context.a && (context.b && context.c)")).toBe("context.a && (context.b && context.c)");
    expect(again("1 + (2 + 3) == 6")).toBe("1 + (2 + 3) == 6");
    expect(again("(1 * 2) + 3 == 5")).toBe("1 * 2 + 3 == 5");
    expect(again("2 * (3 * 4) == 24")).toBe("2 * (3 * 4) == 24");
    expect(again("(-1).b == 1")).toBe("(-1).b == 1");
  });

  it("tells values that no text of a policy is parsed to", () => {
    const value = (json: unknown) => renderExpression({ Value: json } as never);
    expect(value({ __entity: { type: "Agent", id: 'a"b' } })).toBe('Agent::"a\\"b"');
    expect(value({ __extn: { fn: "decimal", arg: "1.0" } })).toBe('decimal("1.0")');
    expect(value({ __extn: { fn: "f", args: ["a", 1] } })).toBe('f("a", 1)');
    expect(value([1, { a: true, "b c": [] }])).toBe('[1, {"a": true, "b c": []}]');
    expect(value([null])).toBe("[null]");
    expect(renderExpression({ Slot: "?principal" } as never)).toBe("?principal");
    expect(renderExpression({ has: { left: { Var: "context" }, attr: ["a b", "c"] } } as never)).toBe(
      'context has "a b" && context["a b"] has c',
    );
  });
});

it("a value that only looks like a reference is written as the record that it is", () => {
  for (const name of ["__entity", "__extn"])
    for (const held of [null, 7, "x", [1]])
      expect(renderExpression({ Value: { [name]: held } } as never)).toBe(`{"${name}": ${JSON.stringify(held)}}`);
});

it("each relation has sums at both sides, and relations in parentheses", () => {
  for (const relation of ["==", "!=", "<", "<=", ">", ">=", "in"])
    for (const text of [
      `context.a + 1 ${relation} context.b - 2`,
      `(context.a == 1) ${relation} (context.b < 2)`,
      `context.x && context.a * 2 ${relation} -context.b || context.y`,
    ])
      expect(again(text)).toBe(text);
  for (const [operator, other] of [
    ["+", "-"],
    ["-", "+"],
  ] as const) {
    expect(again(`1 ${operator} (2 ${other} 3) == 1`)).toBe(`1 ${operator} (2 ${other} 3) == 1`);
    expect(again(`(1 ${operator} 2) ${other} 3 == 1`)).toBe(`1 ${operator} 2 ${other} 3 == 1`);
    expect(again(`(1 ${operator} 2) * (3 ${other} 4) == 1`)).toBe(`(1 ${operator} 2) * (3 ${other} 4) == 1`);
  }
  for (const method of ["contains", "containsAll", "containsAny", "getTag", "hasTag"])
    expect(again(`(context.a + 1).${method}(1 < 2)`)).toBe(`(context.a + 1).${method}(1 < 2)`);
});

describe("a clause and a scope as text", () => {
  it("are as Cedar writes them", () => {
    const [one, other] = parsed("forbid (principal, action, resource) when { true } unless { false };").conditions;
    expect([renderClause(one!), renderClause(other!)]).toEqual(["when { true }", "unless { false }"]);
    const scope = (text: string) => {
      const policy = parsed(`forbid (${text});`);
      return (["principal", "action", "resource"] as const).map((name) => renderScope(name, policy)).join(", ");
    };
    for (const text of [
      "principal, action, resource",
      'principal == Agent::"a", action == Action::"b", resource == Target::"c"',
      'principal in Workflow::"a", action in [Action::"b", Action::"c"], resource in System::"d"',
      'principal is Agent, action in Action::"b", resource is Target in System::"d"',
      "principal == ?principal, action, resource in ?resource",
    ])
      expect(scope(text)).toBe(text);
  });
});
