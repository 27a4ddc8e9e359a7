import type { Requirement } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { type Batchable, kindOf, mostTogether, sampleOf, whyAlone } from "./batch.ts";

const approval = (more: { policy?: string; policyDigest?: string; passkey?: true } = {}): Requirement => ({
  kind: "approval",
  ...{ policy: "p", policyDigest: "sha256:p", from: "g", count: 1, exclude: [], openMs: 1, validMs: 1 },
  ...{ sentence: "one of `g` is asked", ...more },
});
const word = (name: string, reason = "so") => ({ word: name, reason });
const check: Requirement = {
  kind: "check",
  ...{ policy: "p", policyDigest: "sha256:p", name: "secrets", maxAgeMs: 1, sentence: "a check is due" },
};
const open: Batchable = {
  ...{ workflow: "w", server: "s", tool: "t", verb: "execute", environment: "sandbox", requirements: [approval()] },
  ...{ args: { a: 1, b: ["x"] }, plan: { kind: "inverse" } },
};
const { args: _, ...unseen } = open;
const { plan: __, ...planless } = open;

describe("what all of a batch have in common", () => {
  it("is said in one spelling", () => {
    expect(JSON.parse(kindOf(open))).toEqual({
      ...{ workflow: "w", server: "s", tool: "t", verb: "execute", environment: "sandbox", paths: ["/a", "/b/0"] },
      ...{ asked: [{ kind: "approval", policy: "p", policyDigest: "sha256:p" }], words: null, shape: null },
    });
    expect(JSON.parse(kindOf(unseen))).toMatchObject({ paths: [""] });
    const words = [word("production"), word("destructive")];
    const shape = ["a difference that is not known, by up to 1,000 characters"];
    expect(JSON.parse(kindOf({ ...open, risk: { level: "low", words } }, { known: false }))).toMatchObject({
      ...{ words: ["destructive", "production"], shape },
    });
  });

  it.each<Partial<Batchable>>([
    { workflow: "v" },
    { server: "r" },
    { tool: "u" },
    { verb: "read" },
    { environment: "production" },
    { args: { a: 1 } },
    { args: { a: 1, b: ["x", "y"] } },
    { args: { a: 1, b: { 1: "x" } } },
    { args: { a: 1, "b/0": "x" } },
    { requirements: [] },
    { requirements: [approval({ policy: "q" })] },
    { requirements: [approval({ policyDigest: "sha256:q" })] },
    { requirements: [approval(), approval()] },
    { requirements: [check] },
    { risk: { level: "low", words: [] } },
    { risk: { level: "low", words: [word("production")] } },
  ])("is not the same with %j", (more) => {
    expect(kindOf({ ...open, ...more })).not.toBe(kindOf(open));
  });

  it("is not the same where one changes a line and another empties the text, of the same arguments", () => {
    const change = (added: number, removed: number) =>
      ({ kind: "text", at: "b", added, removed, lines: ["  same"] }) as const;
    const kind = (added: number, removed: number) =>
      kindOf(open, { known: true, changes: [change(added, removed)], beside: [] });
    expect(kind(2, 2)).toBe(kind(1, 1));
    expect(kind(0, 10_000)).not.toBe(kind(1, 1));
    expect(kindOf(open, { known: false })).not.toBe(kind(1, 1));
  });

  it("says nothing of the reasons of a risk, or of their order", () => {
    const of = (...words: readonly ReturnType<typeof word>[]) => kindOf({ ...open, risk: { level: "low", words } });
    expect(of(word("b", "another reason"), word("a"))).toBe(of(word("a"), word("b")));
  });

  it("says nothing of values, plans, or how somebody is asked", () => {
    const other = { ...planless, args: { a: 2, b: [null] }, requirements: [approval({ passkey: true })] };
    expect(kindOf({ ...other, frozenBy: "stp_1" })).toBe(kindOf(open));
  });
});

describe("why one has to be looked at by itself", () => {
  it("is nothing where it can be undone and is small", () => {
    expect(whyAlone(open)).toBeUndefined();
    expect(whyAlone({ ...open, risk: { level: "medium", words: [] } })).toBeUndefined();
    expect(whyAlone({ ...planless, verb: "read" })).toBeUndefined();
  });

  it.each<[string, Batchable]>([
    ["it is frozen by a stop", { ...open, frozenBy: "stp_1" }],
    ["you may not see its call", unseen],
    ["nothing undoes it, so it is answered by itself", { ...open, plan: { kind: "irreversible", reason: "r" } }],
    [
      "it takes a passkey, so it is answered by itself",
      { ...open, requirements: [approval(), approval({ passkey: true })] },
    ],
    ["much depends on it, so it is answered by itself", { ...open, risk: { level: "high", words: [] } }],
    ["something travels beside its arguments, so it is answered by itself", { ...open, beyond: { requestState: "s" } }],
  ])("%s", (why, one) => {
    expect(whyAlone(one)).toBe(why);
  });

  it.each([undefined, null, "inverse", 7, {}, [], { kind: "none", reason: "r" }])(
    "is a plan that undoes nothing: %j",
    (plan) => {
      const one = plan === undefined ? planless : { ...open, plan };
      expect(whyAlone(one)).toBe("nothing undoes it, so it is answered by itself");
    },
  );

  it("is no check and no approval that takes no passkey", () => {
    expect(whyAlone({ ...open, requirements: [check, approval()] })).toBeUndefined();
  });

  it("is a call of more than 8 KiB", () => {
    const { length } = '{"a":""}';
    const args = (characters: number) => ({ a: "x".repeat(characters - length) });
    expect(whyAlone({ ...open, args: args(8_192) })).toBeUndefined();
    expect(whyAlone({ ...open, args: args(8_193) })).toBe(
      "its call is too long for a list, so it is answered by itself",
    );
  });
});

it("at most twenty are answered together, of which three are opened one by one", () => {
  expect([mostTogether, sampleOf]).toEqual([20, 3]);
});
