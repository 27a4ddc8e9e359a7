import { describe, expect, it } from "vitest";
import { EvaluationFault } from "../cedar/fault.ts";
import { evaluated, expression, Model } from "./model.fixture.ts";
import { holding, requests } from "./request.fixture.ts";
import { certain } from "./symbol.ts";
import { int } from "./term.ts";
import { translateExtension } from "./translate-extension.ts";

function expectSame(...all: readonly string[]): void {
  for (const text of all)
    for (const [at, request] of requests.entries())
      for (const flavour of ["constants", "variables"] as const) {
        const model = new Model(request, flavour);
        const symbol = model.translation.of(expression(text));
        const where = `${text} of request ${at}, ${flavour}`;
        expect(model.translation.unknown, where).toEqual([]);
        expect(model.outcomes(symbol), where).toEqual([evaluated(expression(text), request)]);
      }
}

describe("an extension function in SMT-LIB says what the evaluator says", () => {
  it("of decimals", () => {
    for (const name of ["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"])
      expectSame(
        ...['decimal("1.5")', 'decimal("1.4999")', 'decimal("-0.5")', "context.d2", "context.d", "context.n"].map(
          (other) => `context.d.${name}(${other})`,
        ),
        `decimal("1.5").${name}(decimal("1.5"))`,
        `context.n.${name}(context.d)`,
        `context.gone.${name}(context.d) || context.b`,
        `context.d.${name}(context.gone) || context.b`,
      );
  });

  it("of instants and of lengths of time", () => {
    for (const when of ["context.at", "context.before", 'datetime("1969-12-31")', "context.l", "context.n"])
      expectSame(
        `${when}.toDate()`,
        `${when}.toTime()`,
        ...["context.l", "context.l2", 'duration("1d")', 'duration("-1ms")', "context.at"].map(
          (by) => `${when}.offset(${by})`,
        ),
        ...["context.at", "context.before", 'datetime("1970-01-01")', "context.l"].map(
          (from) => `${when}.durationSince(${from})`,
        ),
      );
    const units = ["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"];
    for (const unit of units)
      expectSame(
        ...[
          "context.l",
          "context.l2",
          'duration("-1d1ms")',
          'duration("23h59m59s999ms")',
          "context.at",
          "context.n",
        ].map((one) => `${one}.${unit}()`),
        ...["-1d", "1d", "-1h", "1h", "-1m", "1m", "-1s", "1s", "-1ms", "1ms", "0ms"].map(
          (one) => `context.l.offset(duration("${one}")).${unit}() == 0 || context.b`,
        ),
        ...["-1d", "1d", "-1h", "1h", "-1m", "1m", "-1s", "1s"].map(
          (one) => `context.at.offset(duration("${one}")).durationSince(context.at).${unit}()`,
        ),
      );
    expectSame(
      "(if context.b then context.at else context.before).toDate()",
      "context.gone.toDate() == context.at || context.b",
    );
  });

  it("beyond 64 bits is a fault", () => {
    const far = 'duration("9223372036854775807ms")';
    expectSame(`datetime("1970-01-01").offset(${far})`, `context.at.offset(${far})`, `context.before.offset(${far})`);
    expectSame(`datetime("1960-01-01").durationSince(context.at.offset(${far})) == context.l || context.b`);
    expectSame('context.before.offset(duration("-9223372036854775807ms")).toDate() == context.at || context.b');
  });

  it("of constants, exactly", () => {
    for (const text of [
      'ip("10.0.0.1")',
      'ip("10.0.0.300")',
      'ip("127.0.0.1").isLoopback()',
      'ip("10.0.0.1").isIpv4() && context.b',
      'decimal("1.23")',
      'decimal("1.23456")',
      'datetime("2024-13-01")',
      'duration("1x")',
      'duration("1h").toMinutes()',
      'ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))',
      'ip("11.0.0.1").isInRange(ip("10.0.0.0/8"))',
      "decimal(true) == context.d",
      'decimal("-9000000000000000000.0") == context.d',
      'datetime("2024-01-01").toTime()',
      "context.ip.isInRange(context.net)",
      "context.ip.isIpv6()",
      "context.b && duration(1) == context.l",
    ])
      expectSame(text);
  });
});

describe("an extension function of a text that is not known", () => {
  const model = new Model(holding(), "variables");
  const symbol = (text: string) => model.translation.of(expression(text));

  it("is unknown, and may be a fault", () => {
    for (const [text, name] of [
      ["ip(context.s)", "ip"],
      ["decimal(context.s)", "decimal"],
      ["datetime(context.s)", "datetime"],
      ["context.ip.isInRange(ip(context.s))", "isInRange"],
    ] as const) {
      const { fault, choices } = symbol(text);
      const why = `\`${name}\` of what is not known beforehand`;
      expect(choices).toEqual([{ when: expect.objectContaining({ op: "true" }), what: { kind: "unknown", why } }]);
      expect(fault.op).not.toMatch(/true|false/);
      expect(model.translation.unknown).toContain(why);
    }
  });

  it("keeps the fault of what it is called with", () => {
    const { translation } = new Model(holding(), "constants");
    const { terms } = translation;
    const wrong = terms.atom("wrong");
    const text = { ...certain(terms, { kind: "string", is: { sort: "String", text: "x" } as const }), fault: wrong };
    expect(translateExtension(translation, "ip", [text]).fault).toMatchObject({
      op: "or",
      of: expect.arrayContaining([wrong]),
    });
    const constant = { ...certain(terms, { kind: "duration", is: int(5_000) }), fault: wrong };
    expect(translateExtension(translation, "toSeconds", [constant])).toEqual({
      ...certain(terms, { kind: "long", is: int(5) }),
      fault: wrong,
    });
  });
});

it("numbers that are computed are whole numbers", () => {
  const { translation } = new Model(holding(), "variables");
  for (const [text, kind] of [
    ["context.at.toDate()", "datetime"],
    ["context.at.toTime()", "duration"],
    ["context.at.offset(context.l)", "datetime"],
    ["context.at.durationSince(context.before)", "duration"],
    ["context.l.toMilliseconds()", "long"],
    ["context.l.toDays()", "long"],
  ] as const)
    expect(translation.of(expression(text)).choices, text).toMatchObject([{ what: { kind, is: { sort: "Int" } } }]);
});

it("an operator that is not known, or with another number of values, is refused", () => {
  const { translation } = new Model(holding(), "constants");
  const one = certain(translation.terms, { kind: "long", is: int(1) });
  for (const [name, args] of [
    ["nothing", [one]],
    ["toDate", []],
    ["toDate", [one, one]],
    ["offset", [one]],
  ] as const)
    expect(() => translateExtension(translation, name, args)).toThrow(
      new EvaluationFault(`there is no operator \`${name}\` here`),
    );
});
