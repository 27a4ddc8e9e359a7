import { beforeEach, expect, it } from "vitest";
import { parseDecimal } from "../cedar/decimal.ts";
import { parseIp } from "../cedar/ip.ts";
import { parseDatetime, parseDuration } from "../cedar/moment.ts";
import { CedarSet, Entity, RecordValue, type Value } from "../cedar/value.ts";
import { type Choice, certain, constant, faulty, merged, type Plain } from "./symbol.ts";
import { int, str, Terms } from "./term.ts";

let terms: Terms;
beforeEach(() => {
  terms = new Terms();
});

it("a constant is what it is, of every kind", () => {
  const ip = parseIp("10.0.0.1");
  for (const [value, plain] of [
    ["x", { kind: "string", is: str("x") }],
    [true, { kind: "bool", is: terms.yes }],
    [false, { kind: "bool", is: terms.no }],
    [7, { kind: "long", is: int(7) }],
    [2n ** 62n, { kind: "long", is: int(2n ** 62n) }],
    [new Entity("T", "x"), { kind: "entity", type: "T", id: str("x") }],
    [parseDecimal("1.5"), { kind: "decimal", is: int(15_000) }],
    [parseDatetime("1970-01-02"), { kind: "datetime", is: int(86_400_000) }],
    [parseDuration("1s"), { kind: "duration", is: int(1_000) }],
    [ip, { kind: "ipaddr", is: ip }],
    [new CedarSet(["x"]), { kind: "set", items: [{ when: terms.yes, what: { kind: "string", is: str("x") } }] }],
  ] as readonly (readonly [Value, unknown])[])
    expect(constant(terms, value)).toEqual(plain);
  const record = constant(terms, new RecordValue(new Map([["a", 1]])));
  if (record.kind !== "record") throw new Error("it is no record");
  expect(record.names).toEqual(["a"]);
  expect(record.get("a")).toEqual({ present: terms.yes, value: certain(terms, { kind: "long", is: int(1) }) });
  expect(record.get("b")).toBeUndefined();
  expect(() => constant(terms, { kind: "odd" } as never)).toThrow("a constant of kind odd is not known here");
});

it("what is certain is one choice without a fault, and a fault is no choice", () => {
  const what: Plain = { kind: "long", is: int(1) };
  expect(certain(terms, what)).toEqual({ fault: terms.no, choices: [{ when: terms.yes, what }] });
  expect(faulty(terms)).toEqual({ fault: terms.yes, choices: [] });
});

it("choices of one scalar kind are merged, and others stay apart", () => {
  const [a, b] = [terms.atom("a"), terms.atom("b")];
  const choice = (when: Choice["when"], what: Plain): Choice => ({ when, what });
  const long = (value: number): Plain => ({ kind: "long", is: int(value) });
  const entity = (type: string, id: string): Plain => ({ kind: "entity", type, id: str(id) });
  expect(merged(terms, [choice(a, long(1)), choice(b, long(2))])).toEqual([
    { when: terms.or(a, b), what: { kind: "long", is: { sort: "Int", text: "(ite b 2 1)" } } },
  ]);
  expect(
    merged(terms, [choice(a, { kind: "bool", is: terms.yes }), choice(b, { kind: "bool", is: terms.no })]),
  ).toEqual([{ when: terms.or(a, b), what: { kind: "bool", is: terms.not(b) } }]);
  expect(merged(terms, [choice(a, entity("T", "x")), choice(b, entity("T", "y"))])).toEqual([
    { when: terms.or(a, b), what: { kind: "entity", type: "T", id: { sort: "String", text: '(ite b "y" "x")' } } },
  ]);
  for (const apart of [
    [entity("T", "x"), entity("U", "x")],
    [long(1), { kind: "string", is: str("1") } as Plain],
    [{ kind: "set", items: [] } as Plain, { kind: "set", items: [] } as Plain],
    [{ kind: "unknown", why: "x" } as Plain, { kind: "unknown", why: "x" } as Plain],
    [{ kind: "ipaddr", is: parseIp("::1") } as Plain, { kind: "ipaddr", is: parseIp("::1") } as Plain],
  ] as const)
    expect(merged(terms, [choice(a, apart[0]), choice(b, apart[1])])).toHaveLength(2);
  expect(merged(terms, [choice(terms.no, long(1)), choice(b, long(2))])).toEqual([choice(b, long(2))]);
  expect(merged(terms, [])).toEqual([]);
});
