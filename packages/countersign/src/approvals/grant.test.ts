import type { Json, JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits, type GrantedCall, type GrantShape, shapeFault } from "./grant.ts";
import { pathsOf } from "./paths.ts";

const exact: GrantShape = { target: "exact", arguments: {} };
const given: GrantedCall = {
  ...{ agent: "robot", workflow: "w", server: "s", tool: "t", method: "tools/call", definition: "sha256:d" },
  ...{ environment: "sandbox", verb: "execute", tier: 1, target: "x" },
  args: { amount: 20, to: { name: "Ana", "a/b": 1 }, tags: ["a", "b"] },
};
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const object = fc
  .dictionary(
    fc.string({ maxLength: 4 }).filter((name) => name !== "__proto__"),
    json,
    { maxKeys: 4 },
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

describe("a grant's shape", () => {
  it("fits the very call, whatever its arguments are, and no call with other ones", () => {
    fc.assert(
      fc.property(object, object, (args, other) => {
        expect(fits(exact, { ...given, args }, { ...given, args: structuredClone(args) })).toBe(true);
        const same = JSON.stringify(pathsOf(args)) === JSON.stringify(pathsOf(other));
        fc.pre(!same);
        expect(fits(exact, { ...given, args }, { ...given, args: other })).toBe(false);
      }),
    );
  });

  it.each<[string, Partial<GrantedCall>]>([
    ["another agent", { agent: "other" }],
    ["another person", { onBehalfOf: "bo@x" }],
    ["another workflow", { workflow: "v" }],
    ["another server", { server: "r" }],
    ["another tool", { tool: "u" }],
    ["another method", { method: "prompts/get" }],
    ["another definition of its tool", { definition: "sha256:e" }],
    ["another environment", { environment: "production" }],
    ["another verb", { verb: "propose" }],
    ["another tier", { tier: 2 }],
    ["something beside its arguments", { beyond: { requestState: "s" } }],
  ])("never fits %s, however loose it is", (_, more) => {
    const loose: GrantShape = {
      target: "class",
      arguments: { "/amount": { any: true }, "/to": { any: true }, "/tags": { any: true } },
    };
    expect(fits(loose, given, given)).toBe(true);
    expect(fits(loose, given, { ...given, ...more })).toBe(false);
  });

  it("fits what travels beside the arguments where it is the same, however it is written", () => {
    const beside = { ...given, beyond: { requestState: "s", more: 1 } };
    expect(fits(exact, beside, { ...given, beyond: { more: 1, requestState: "s" } })).toBe(true);
    expect(fits(exact, beside, given)).toBe(false);
    expect(fits(exact, beside, { ...given, beyond: { requestState: "t", more: 1 } })).toBe(false);
  });

  it("fits another target only as a class", () => {
    expect(fits(exact, given, { ...given, target: "y" })).toBe(false);
    expect(fits({ ...exact, target: "class" }, given, { ...given, target: "y" })).toBe(true);
  });

  it.each<[string, GrantShape["arguments"], JsonObject, boolean]>([
    ["a number within its bounds", { "/amount": { atLeast: 1, atMost: 50 } }, { amount: 50 }, true],
    ["a number above them", { "/amount": { atMost: 50 } }, { amount: 50.01 }, false],
    ["a number below them", { "/amount": { atLeast: 1, atMost: 50 } }, { amount: -1_000 }, false],
    ["a number as text", { "/amount": { atMost: 50 } }, { amount: "20" }, false],
    ["one of a list", { "/to/name": { oneOf: ["Bo"] } }, { to: { name: "Bo", "a/b": 1 } }, true],
    ["none of a list", { "/to/name": { oneOf: ["Bo"] } }, { to: { name: "Cy", "a/b": 1 } }, false],
    ["anything there", { "/to/a~1b": { any: true } }, { to: { name: "Ana", "a/b": { deep: [] } } }, true],
    ["a member more beside it", { "/to/a~1b": { any: true } }, { to: { name: "Ana", "a/b": 1, more: 1 } }, false],
    ["a member less", { "/amount": { any: true } }, { to: { name: "Ana" } }, false],
    ["one element more", { "/tags/0": { any: true } }, { tags: ["a", "b", "c"] }, false],
    ["a list in the place of an object", { "/amount": { any: true } }, { to: ["Ana", 1] }, false],
    ["a loosened member that is not there", { "/amount": { any: true } }, { amount: undefined as never }, false],
    ["the least that it may be", { "/amount": { atLeast: 1 } }, { amount: 1 }, true],
    ["less than that", { "/amount": { atLeast: 1 } }, { amount: 0.99 }, false],
    ["anything above it", { "/amount": { atLeast: 1 } }, { amount: 1e9 }, true],
    ["anything below the most", { "/amount": { atMost: 50 } }, { amount: -1e9 }, true],
    ["a truth value within bounds", { "/amount": { atLeast: 0, atMost: 50 } }, { amount: true }, false],
    ["another number where nothing bounds it", { "/amount": {} }, { amount: 20 }, false],
    ["one of several", { "/to/name": { oneOf: ["Cy", "Bo"] } }, { to: { name: "Bo", "a/b": 1 } }, true],
    ["a value that is written otherwise", { "/amount": { oneOf: [{ a: 1, b: 2 }] } }, { amount: { b: 2, a: 1 } }, true],
    ["another place than the one that is loosened", { "/amount": { any: true } }, { tags: ["a", "c"] }, false],
    ["one element of a list", { "/tags/1": { any: true } }, { tags: ["a", "c"] }, true],
    ["the other element", { "/tags/1": { any: true } }, { tags: ["c", "b"] }, false],
    ["one element less", { "/tags/1": { any: true } }, { tags: ["a"] }, false],
    ["another name for the same", { "/amount": { any: true } }, { to: { Name: "Ana", "a/b": 1 } }, false],
    ["an object that looks like the list", {}, { tags: { length: 2, 0: "a", 1: "b" } }, false],
  ])("%s", (_, loosened, changed, does) => {
    const args = JSON.parse(JSON.stringify({ ...given.args, ...changed })) as JsonObject;
    expect(fits({ target: "exact", arguments: loosened }, given, { ...given, args })).toBe(does);
  });

  it.each<[Json, Json]>([
    [{ length: 1, 0: "a" }, ["a"]],
    [["a"], { length: 1, 0: "a" }],
    [{ 0: "a" }, "a"],
    ["a", { 0: "a" }],
    [{}, []],
    [null, {}],
    [1, "1"],
  ])("fits no value that only looks like the one: %j is not %j", (value, other) => {
    expect(fits(exact, { ...given, args: { value } }, { ...given, args: { value: other } })).toBe(false);
  });

  it("says only what it says itself, not what an object that it was made of did", () => {
    const inherited = Object.create({ "/amount": { any: true } }) as GrantShape["arguments"];
    const more = { ...given, args: { ...given.args, amount: 9_000 } };
    expect(fits({ target: "exact", arguments: inherited }, given, more)).toBe(false);
  });

  const looked: JsonObject = {
    ...given.args,
    ...{ total: 1, "~1": { "/": 1 }, many: Array.from({ length: 12 }, (_, at) => at), empty: { "": 1 } },
  };

  it.each<GrantShape["arguments"]>([
    { "/amount": { atMost: 50 }, "/tags/1": { any: true } },
    { "/amount": { atLeast: 20 } },
    { "/amount": { atLeast: 20, atMost: 20 } },
    { "/to/name": { oneOf: ["Bo", "Ana"] } },
    { "/to": { any: true }, "/total": { any: true } },
    { "/many/1": { any: true }, "/many/11": { any: true } },
    { "/~01": { any: true } },
    { "/~01/~1": { atMost: 1 } },
    { "/empty/": { any: true } },
    {},
  ])("can be granted where it holds of what was looked at: %j", (loosened) => {
    expect(shapeFault({ target: "exact", arguments: loosened }, looked)).toBeUndefined();
  });

  it.each([
    ...[
      "/nothing",
      "",
      "amount",
      "xamount",
      "/constructor",
      "/to/constructor",
      "/amount/x",
      "/to/name/0",
      "/tags/length",
    ],
    ...[
      "/tags/2",
      "/tags/-1",
      "/tags/01",
      "/tags/0x1",
      "/tags/1e0",
      "/tags/1.0",
      "/tags/",
      "/tags/1/x",
      "/~1",
      "/empty",
    ],
  ])("is none for a place that the call has not: `%s`", (pointer) => {
    const args = pointer === "/empty" ? given.args : looked;
    expect(shapeFault({ target: "exact", arguments: { [pointer]: { any: true } } }, args)).toBe(
      `the call has no argument at \`${pointer}\``,
    );
  });

  it.each<[GrantShape["arguments"], string]>([
    [{ "/amount": {} }, "`/amount` is loosened by nothing"],
    [{ "/to/name": { atMost: 3 } }, "`/to/name` is no number, so it has no bound"],
    [{ "/to/name": { atLeast: 3 } }, "`/to/name` is no number, so it has no bound"],
    [{ "/amount": { atMost: 19 } }, "what was looked at is not within what `/amount` is loosened to"],
    [{ "/amount": { atLeast: 21 } }, "what was looked at is not within what `/amount` is loosened to"],
    [{ "/amount": { oneOf: [] } }, "what was looked at is not within what `/amount` is loosened to"],
    [
      { "/amount": { any: true }, "/to/name": { oneOf: ["Bo"] } },
      "what was looked at is not within what `/to/name` is loosened to",
    ],
    [
      { "/to/name": { any: true }, "/to/a~1b": { any: true }, "/to": { any: true } },
      "`/to/name` lies within `/to`, which is loosened as a whole",
    ],
  ])("is none where it says nothing of the call: %j", (loosened, fault) => {
    expect(shapeFault({ target: "exact", arguments: loosened }, looked)).toBe(fault);
  });

  it("names a long place only as far as one can read it", () => {
    const pointer = `/${"x".repeat(200)}`;
    expect(shapeFault({ target: "class", arguments: { [pointer]: { any: true } } }, looked)).toBe(
      `the call has no argument at \`/${"x".repeat(99)}\``,
    );
  });
});
