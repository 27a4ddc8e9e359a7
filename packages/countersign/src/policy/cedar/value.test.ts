import { expect, it } from "vitest";
import { JsonRecord } from "./from-json.ts";
import { parseIp } from "./ip.ts";
import { parseDuration } from "./moment.ts";
import { CedarSet, Entity, isEqual, keyOf, kindOf, RecordValue, type Value } from "./value.ts";

const record = (members: { readonly [name: string]: Value }) => new RecordValue(new Map(Object.entries(members)));

it("values are equal where they are of one kind and alike, and no two others have one key", () => {
  const kinds: readonly (readonly [string, readonly Value[]])[] = [
    ["string", ["a"]],
    ["bool", [true]],
    ["long", [1]],
    ["long", [2n ** 60n]],
    ["string", ["true"]],
    ["entity of type T", [new Entity("T", "a"), new Entity("T", "a")]],
    ["entity of type T", [new Entity("T", "b")]],
    ["entity of type U", [new Entity("U", "a")]],
    ["set", [new CedarSet(["a", 1]), new CedarSet([1, "a", "a"])]],
    ["set", [new CedarSet([])]],
    ["record", [record({ a: 1, b: "x" }), record({ b: "x", a: 1 }), new JsonRecord({ a: 1, b: "x" })]],
    ["record", [record({})]],
    ["ipaddr", [parseIp("10.0.0.1"), parseIp("10.0.0.1/32")]],
    ["duration", [parseDuration("1d"), parseDuration("24h")]],
  ];
  const all = kinds.flatMap(([kind, alike], group) => alike.map((value) => ({ kind, value, group })));
  for (const one of all) {
    expect(kindOf(one.value)).toBe(one.kind);
    for (const other of all) {
      const isSame = one.group === other.group;
      expect([isEqual(one.value, other.value), keyOf(one.value) === keyOf(other.value)]).toEqual([isSame, isSame]);
      expect(new CedarSet([one.value]).has(other.value)).toBe(isSame);
    }
  }
});

it("values of two kinds are told apart without reading them: what cannot be read is no fault there", () => {
  const unreadable = new JsonRecord({ n: 1.5 });
  for (const other of [new Entity("T", "a"), new CedarSet([]), parseIp("::1"), "a", 1])
    expect([isEqual(unreadable, other), isEqual(other, unreadable)]).toEqual([false, false]);
  expect(() => isEqual(unreadable, new JsonRecord({ n: 1 }))).toThrow("a number that is no exact integer");
});

it("a large set and a small one hold what is in them", () => {
  for (const size of [1, 15, 16, 17, 40]) {
    const set = new CedarSet(Array.from({ length: size }, (_, at) => `x${at}`));
    for (const asked of [`x${size - 1}`, "x0"]) expect([set.has(asked), set.has(`${asked}y`)]).toEqual([true, false]);
    expect([set.has(1), set.keys().size, set.has("x0")]).toEqual([false, size, true]);
  }
});
