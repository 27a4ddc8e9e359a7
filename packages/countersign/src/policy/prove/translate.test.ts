import type { Expr } from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { evaluated, expression, type Flavour, Model } from "./model.fixture.ts";
import { holding, requests } from "./request.fixture.ts";
import { certain, faulty } from "./symbol.ts";
import { int } from "./term.ts";
import { arithmetic } from "./translate.ts";

const flavours: readonly Flavour[] = ["constants", "variables", "named"];

/** Whatever is known beforehand of the requests, the translation says of each what the evaluator says, and nothing else. */
function expectSame(...all: readonly (string | Expr)[]): void {
  for (const one of all) {
    const of = typeof one === "string" ? expression(one) : one;
    for (const [at, request] of requests.entries()) {
      const is = evaluated(of, request);
      for (const flavour of flavours) {
        const model = new Model(request, flavour);
        const symbol = model.translation.of(of);
        const where = `${JSON.stringify(one)} of request ${at}, ${flavour}`;
        expect(model.translation.unknown, where).toEqual([]);
        expect(model.outcomes(symbol), where).toEqual([is]);
      }
    }
  }
}

describe("an expression in SMT-LIB says of a request what the evaluator says of it", () => {
  it("values, variables and slots", () => {
    expectSame(
      "context.n",
      "context.s",
      "context.b",
      "context.d",
      "context.at",
      "context.l",
      "context.ip == context.net",
    );
    expectSame("context.longs", "context.texts", "context.mixed", "context.who", "context.r", "context.e");
    expectSame(
      '[1, "a", true, context.n]',
      '{"a": 1, "b": context.n}',
      '{"a": 1}.a == context.n',
      "[context.s, context.n]",
    );
    expectSame("principal == context.e", "action == resource || context.b", "resource == principal || context.b");
    expectSame({ Value: 2 ** 53 }, "context.n");
    expectSame({ Slot: "?principal" }, "context.n");
  });

  it("truth", () => {
    expectSame("!context.b", "!context.n", "!(context.b && context.c)");
    expectSame(
      "context.b && context.c",
      "context.b && context.n",
      "context.n && context.b",
      "context.c && context.none",
    );
    expectSame(
      "context.b && context.b && context.c",
      "context.b && context.gone == 1",
      "context.gone == 1 && context.b",
    );
    expectSame(
      "context.b || context.c",
      "context.b || context.n",
      "context.n || context.b",
      "context.c || context.none",
    );
    expectSame(
      "context.b || context.gone == 1",
      "context.gone == 1 || context.b",
      "context.c || context.c || context.b",
    );
    expectSame(
      "if context.b then 1 else 2",
      "if context.c then context.gone else context.n",
      "if context.n then 1 else 2",
    );
    expectSame(
      'if context.b then "x" else 2',
      "if context.b then context.e else principal",
      "if context.b then [1] else [2]",
    );
    expectSame("if context.b then context.gone else context.gone == 1", "if context.b then principal else resource");
    expectSame("(if context.b then context.n else context.s) == 1", "(if context.b then context.n else context.s) < 2");
    expectSame(
      "(if context.b then context.longs else context.n).contains(1)",
      "(if context.b then context.d else 1) == 1",
    );
  });

  it("what is the same and what is not, of all kinds", () => {
    const names = ["n", "b", "s", "e", "longs", "texts", "mixed", "r", "d", "at", "l", "ip", "none"];
    expectSame(...names.flatMap((name) => [`context.${name} == context.n`, `context.n != context.${name}`]));
    expectSame("context.longs == [1, 2]", "context.longs == [2]", "[2, 1, 1] == context.longs", "context.texts == []");
    expectSame(
      "context.r == context.one",
      "context.one != {n: 1}",
      'context.r == {n: 1, q: {z: "x"}}',
      "{n: 1} == context.r",
    );
    expectSame(
      "context.mixed == [1, context.s]",
      "context.who == [principal]",
      "context.lists == [[1], [2]]",
      "context.lists == [[2]]",
    );
    expectSame(
      "context.d == context.d2",
      "context.at == context.before",
      "context.l == context.l2",
      'context.s == "ab"',
    );
    expectSame(
      'context.e == Agent::"a"',
      'context.e == Group::"a"',
      "context.e != context.nobody",
      "context.b == context.c",
    );
  });

  it("order", () => {
    for (const operator of ["<", "<=", ">", ">="])
      expectSame(
        ...["1", "2", "context.n", "context.m", "context.big"].map((other) => `context.n ${operator} ${other}`),
        ...["context.at", "context.before", "context.l", "1"].map((other) => `context.at ${operator} ${other}`),
        ...["context.l2", "context.l", "context.at", "context.s"].map((other) => `context.l ${operator} ${other}`),
        `context.d ${operator} context.d2`,
        `context.s ${operator} "b" || context.b`,
        `(if context.b then 1 else 3) ${operator} 2`,
        `(if context.b then context.at else context.l) ${operator} context.before`,
      );
  });

  it("arithmetic, within 64 bits", () => {
    expectSame("-context.n", "-context.m", "-(-context.n)", "-context.s", "-context.big < 0 && context.b");
    for (const operator of ["+", "-", "*"])
      expectSame(
        ...["1", "context.m", "context.n", "context.big", "context.s"].map((other) => `context.n ${operator} ${other}`),
        `context.s ${operator} context.n`,
        `context.m ${operator} context.big`,
      );
    // 2^63 is one too many, and -2^63 is not.
    const most = (add: string) => `1024 * context.big + 1023 + ${add} == context.n`;
    expectSame(most("0"), most("context.n"), "-(1024 * context.big) - 1024 == context.n");
    expectSame(
      "-(1024 * context.big) - 1024 - context.n == 1 || context.b",
      "1024 * context.big * context.n == 0 || context.b",
    );
    expectSame("-(-(1024 * context.big) - 1023 - context.n) == 1 || context.b");
    expect([arithmetic("+", int(7), int(3)), arithmetic("-", int(7), int(3)), arithmetic("*", int(7), int(3))]).toEqual(
      [int(10), int(4), int(21)],
    );
    const x = { sort: "Int", text: "x" } as const;
    expect(arithmetic("-", int(7), x)).toEqual({ sort: "Int", text: "(- 7 x)" });
    expect(arithmetic("*", x, int(-1))).toEqual({ sort: "Int", text: "(* x (- 1))" });
  });

  it("membership", () => {
    for (const who of ["principal", "resource", "action", "context.e", "context.nobody", "context.n"])
      expectSame(
        ...[
          'Group::"g"',
          'Group::"top"',
          'Agent::"a"',
          "context.e",
          "context.nobody",
          "context.who",
          "context.none",
        ].map((where) => `${who} in ${where} || context.c`),
        ...[
          '[Group::"top"]',
          '[Agent::"b", System::"s"]',
          "[context.e, context.n]",
          "[]",
          "context.longs",
          "context.s",
        ].map((where) => `${who} in ${where} || context.b`),
        'context.e in Group::"g"',
      );
    expectSame("context.e is Agent", "context.e is Group", "context.n is Agent", "principal is Agent && context.b");
    expectSame(
      'context.e is Agent in Group::"g"',
      'context.e is Group in Group::"top"',
      "context.e is Group in context.n",
    );
    expectSame(
      "principal is Agent in context.who",
      "context.e is Agent in [context.n]",
      "principal is Target in context.s",
    );
    expectSame(
      '(if context.b then principal else resource) in Group::"g"',
      "(if context.b then principal else resource) is Agent",
    );
  });

  it("sets", () => {
    for (const set of ["longs", "texts", "mixed", "none", "who", "lists"])
      expectSame(
        ...["1", "context.n", "context.s", "principal", "context.e", "[1]"].map(
          (one) => `context.${set}.contains(${one})`,
        ),
        `context.${set}.isEmpty()`,
        ...["containsAll", "containsAny"].flatMap((how) => [
          ...[
            "[]",
            "[1]",
            "[context.n]",
            '["a", "zz"]',
            "[1, 2, 4]",
            "context.longs",
            "context.mixed",
            "context.none",
          ].map((other) => `context.${set}.${how}(${other})`),
          `context.longs.${how}(context.${set})`,
        ]),
      );
    expectSame(
      "context.n.contains(1)",
      "context.s.isEmpty()",
      "context.longs.containsAll(context.n)",
      "context.n.containsAny([1])",
    );
    expectSame(
      "context.longs.contains(context.gone)",
      "[context.gone].isEmpty() || context.b",
      "context.gone.contains(1) || context.b",
    );
    expectSame(
      "context.gone.isEmpty() || context.b",
      "[1].containsAll(context.gone) || context.b",
      "[context.n].contains(1)",
    );
    expectSame("[if context.b then context.n else context.s].contains(1)", "[context.n].containsAll(context.longs)");
  });

  it("members and tags", () => {
    for (const of of ["context", "context.r", "context.one", "principal", "context.e", "context.nobody", "context.n"])
      expectSame(
        ...["n", "q", "zz", "tier", "home"].flatMap((name) => [`${of} has ${name}`, `${of}.${name}`]),
        ...["q.z", "q.zz", "home.city", "home.town.hall", "n.z"].map((way) => `${of} has ${way}`),
        `${of}.q.z == "x" || context.b`,
        "context.n",
      );
    for (const of of ["principal", "resource", "context.e", "context.nobody", "context.r"])
      expectSame(
        ...['"k"', '"n"', '"zz"', "context.s", "context.t", "context.n"].flatMap((name) => [
          `${of}.hasTag(${name})`,
          `${of}.getTag(${name})`,
        ]),
        "context.n",
      );
    expectSame('principal.getTag(if context.b then "k" else "n")', 'principal.hasTag(if context.b then "k" else "zz")');
    expectSame(
      "(if context.b then principal else resource).tier",
      '(if context.b then principal else resource).getTag("k")',
    );
    expectSame(
      "(if context.b then context.r else principal) has n",
      "(if context.b then context.r else context.one).n",
    );
    expectSame(
      "{a: context.n}.a",
      "{a: context.gone}.a || context.b",
      "{a: context.n} has a && context.b",
      "{a: 1}.b || context.b",
    );
  });

  it("patterns", () => {
    const patterns = [
      '"ab"',
      '"a*"',
      '"*b"',
      '"a*b"',
      '"*a*"',
      '"*"',
      '""',
      '"a\\**"',
      '"*a*b*"',
      '"ab*ab"',
      '"*b*a*b"',
    ];
    for (const of of ["context.s", "context.t", "context.n", '"ab"'])
      expectSame(...patterns.map((pattern) => `${of} like ${pattern}`), "context.n");
  });
});

/** What can become of an expression where nothing is known of `context.x`. */
function possible(text: string): readonly string[] {
  const model = new Model(holding({ x: 1 }), "variables", ["x"]);
  const symbol = model.translation.of(expression(text));
  const found = model.outcomes(symbol);
  expect(new Set(model.translation.unknown), text).toEqual(new Set(["x"]));
  return found;
}

describe("of what is not modelled", () => {
  const [anyTruth, open] = [
    ["false", "true"],
    ["false", "fault", "true"],
  ];

  it("anything may be true, and that it is taken for unknown is told", () => {
    for (const text of ["context.x == 1", "1 == context.x", "context.x != context.s", "[1].contains(context.x)"])
      expect(possible(text), text).toEqual(anyTruth);
    for (const text of [
      "!context.x",
      "context.x && true",
      "true && context.x",
      "context.x || false",
      "if context.x then true else false",
      "context.x < 1",
      "1 <= context.x",
      "context.x > context.x",
      "context.x >= context.s",
      "-context.x == 1",
      "context.x + 1 == 2",
      "1 - context.x == 0",
      'context.x like "a*"',
      'context.x in Group::"g"',
      "principal in context.x",
      "principal in [context.x]",
      "context.x is Agent",
      'context.x is Agent in Group::"g"',
      "context.x.contains(1)",
      "context.x.isEmpty()",
      "context.x.containsAll([1])",
      "[1].containsAll(context.x)",
      "context.x.containsAny([1])",
      "[1].containsAny(context.x)",
      "context.x has a",
      "context.x has a.b",
      'context.x.hasTag("k")',
      "principal.hasTag(context.x)",
    ])
      expect(possible(text), text).toEqual(open);
  });

  it("a member or a tag is no more known", () => {
    expect(possible("context.x.a")).toEqual(["fault", "unknown"]);
    expect(possible('context.x.getTag("k")')).toEqual(["fault", "unknown"]);
    expect(possible("principal.getTag(context.x)")).toEqual(['"v"', "fault"]);
    expect(possible("context.x.a == 1")).toEqual(open);
    expect(possible("context has x.a")).toEqual(open);
  });

  it("nothing is taken for unknown where it does not matter", () => {
    for (const [text, is] of [
      ["false && context.x", "false"],
      ["true || context.x", "true"],
      ["context has x", "true"],
      ["context has gone.x", "false"],
    ] as const) {
      const model = new Model(holding({ x: 1 }), "constants", ["x"]);
      expect(model.outcomes(model.translation.of(expression(text))), text).toEqual([is]);
      expect(model.translation.unknown, text).toEqual([]);
    }
  });

  it("each time is another", () => {
    const { translation } = new Model(holding(), "constants");
    const [one, other] = [translation.free("one"), translation.free("other")];
    expect(one).not.toBe(other);
    expect(one.op).toBe("atom");
    expect(translation.unknown).toEqual(["one", "other"]);
  });
});

describe("a value of a kind that is asked for", () => {
  it("is what it is, and a fault where it is of another kind or none", () => {
    const { translation } = new Model(holding(), "constants");
    const { terms } = translation;
    const long = certain(terms, { kind: "long", is: int(7) });
    expect(translation.number("long", long)).toEqual({ fault: terms.no, is: int(7) });
    expect(translation.number("decimal", long)).toEqual({ fault: terms.yes, is: int(0) });
    expect(translation.text(long)).toEqual({ fault: terms.yes, is: { sort: "String", text: '""', constant: "" } });
    expect(translation.bool(long)).toEqual({ fault: terms.yes, is: terms.no });
    expect(translation.entities(long)).toEqual({ fault: terms.yes, is: [] });
    expect(translation.number("long", faulty(terms))).toEqual({ fault: terms.yes, is: int(0) });
    const where = terms.atom("a");
    const both = {
      fault: terms.no,
      choices: [...long.choices, { when: where, what: { kind: "long", is: int(8) } }],
    } as const;
    expect(translation.number("long", both)).toEqual({ fault: terms.no, is: { sort: "Int", text: "(ite a 8 7)" } });
  });

  it("is a fault outside of 64 bits, and only there", () => {
    const { translation } = new Model(holding(), "constants");
    const { terms } = translation;
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
    for (const value of [least, -1n, most])
      expect(translation.inRange("duration", terms.no, int(value))).toEqual(
        certain(terms, { kind: "duration", is: int(value) }),
      );
    for (const value of [least - 1n, most + 1n])
      expect(translation.inRange("long", terms.no, int(value)).fault).toBe(terms.yes);
    expect(translation.inRange("long", terms.yes, int(0)).fault).toBe(terms.yes);
  });

  it("is made of operators that are known", () => {
    const { translation } = new Model(holding(), "constants");
    expect(() => translation.of({ toString: [{ Value: 1 }] } as unknown as Expr)).toThrow(
      "there is no operator `toString` here",
    );
  });
});
