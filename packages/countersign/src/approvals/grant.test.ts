import type { Json, JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindOf, whyAlone } from "./batch.ts";
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
  ])("%s", (_, loosened, changed, does) => {
    const args = JSON.parse(JSON.stringify({ ...given.args, ...changed })) as JsonObject;
    expect(fits({ target: "exact", arguments: loosened }, given, { ...given, args })).toBe(does);
  });

  it.each<[string, GrantShape["arguments"], string | undefined]>([
    ["one that can be granted", { "/amount": { atMost: 50 }, "/tags/1": { any: true } }, undefined],
    ["a place that is not there", { "/nothing": { any: true } }, "no argument at"],
    ["the whole", { "": { any: true } }, "no argument at"],
    ["no pointer", { amount: { any: true } }, "no argument at"],
    ["a name of every object", { "/constructor": { any: true } }, "no argument at"],
    ["no bound", { "/amount": {} }, "loosened by nothing"],
    ["a bound of a text", { "/to/name": { atMost: 3 } }, "is no number"],
    ["what leaves out what was looked at", { "/amount": { atMost: 10 } }, "is not within"],
    ["a place within another", { "/to": { any: true }, "/to/name": { any: true } }, "lies within"],
  ])("is checked against the call: %s", (_, loosened, fault) => {
    const found = shapeFault({ target: "exact", arguments: loosened }, given.args);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });
});

describe("what may be answered together", () => {
  const open = {
    ...{ workflow: "w", server: "s", tool: "t", verb: "execute", environment: "sandbox", requirements: [] },
    ...{ args: { a: 1, b: ["x"] }, plan: { kind: "inverse" } },
  } as const;

  it("has the same argument paths, and any values", () => {
    expect(pathsOf(open.args)).toEqual(["/a", "/b/0"]);
    expect(kindOf({ ...open, args: { a: 2, b: [null] } })).toBe(kindOf(open));
    for (const args of [{ a: 1 }, { a: 1, b: ["x", "y"] }, { a: 1, b: { 1: "x" } }, { a: 1, "b/0": "x" }])
      expect(kindOf({ ...open, args })).not.toBe(kindOf(open));
    for (const more of [{ tool: "u" }, { environment: "production" }, { verb: "read" }, { workflow: "v" }])
      expect(kindOf({ ...open, ...more })).not.toBe(kindOf(open));
  });

  it("is no call that nothing undoes, that is frozen, too long, or not to be seen", () => {
    expect(whyAlone(open)).toBeUndefined();
    const asked = { policy: "p", policyDigest: "sha256:p", from: "g", count: 1, exclude: [], openMs: 1, validMs: 1 };
    const signed = { kind: "approval", ...asked, passkey: true, sentence: "signed" } as const;
    expect(whyAlone({ ...open, requirements: [{ kind: "approval", ...asked, sentence: "plain" }] })).toBeUndefined();
    const { plan: _, ...planless } = open;
    const { args: __, ...unseen } = open;
    for (const [one, why] of [
      [{ ...open, plan: { kind: "irreversible", reason: "r" } }, "nothing undoes it"],
      [{ ...open, plan: { kind: "none", reason: "r" } }, "nothing undoes it"],
      [planless, "nothing undoes it"],
      [{ ...open, requirements: [signed] }, "takes a passkey"],
      [{ ...open, frozenBy: "stp_1" }, "frozen"],
      [{ ...open, args: { a: "x".repeat(9_000) } }, "too long"],
      [{ ...open, beyond: { requestState: "s" } }, "beside its arguments"],
      [unseen, "may not see"],
    ] as const)
      expect(whyAlone(one)).toContain(why);
    expect(whyAlone({ ...planless, verb: "read" })).toBeUndefined();
  });
});
