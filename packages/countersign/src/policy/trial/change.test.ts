import type { Requirement } from "@countersign/contract";
import { expect, it } from "vitest";
import { outcomeChange } from "./change.ts";

const asked = { policy: "p", policyDigest: "sha256:p" } as const;
const approval = (from: string, more: object = {}) =>
  ({
    kind: "approval",
    ...asked,
    from,
    count: 1,
    exclude: [],
    openMs: 1,
    validMs: 1,
    sentence: from,
    ...more,
  }) as Requirement;
const wait = (until: string): Requirement => ({ kind: "wait", ...asked, until, sentence: until });
const of = (effect: "allow" | "require" | "deny", ...requirements: readonly Requirement[]) => ({
  effect,
  requirements,
});

it("what is asked for is the same in whatever order, and by whichever policy or text of one", () => {
  const [leads, ops, later] = [approval("leads"), approval("ops"), wait("2027-01-01T00:00:00.000Z")];
  expect(outcomeChange(of("require", leads, ops, later), of("require", later, ops, leads))).toBeUndefined();
  const other = approval("leads", { policy: "q", policyDigest: "sha256:q" });
  expect(outcomeChange(of("require", leads), of("require", other))).toBeUndefined();
});

it("it is asked otherwise where people, numbers or instants are others", () => {
  const leads = approval("leads");
  for (const other of [approval("ops"), approval("leads", { count: 2 }), approval("leads", { exclude: ["owner"] })])
    expect(outcomeChange(of("require", leads), of("require", other))).toBe("asked otherwise");
  expect(outcomeChange(of("require", leads), of("require", leads, approval("ops")))).toBe("asked otherwise");
  const [soon, later] = [wait("2027-01-01T00:00:00.000Z"), wait("2028-01-01T00:00:00.000Z")];
  expect(outcomeChange(of("require", soon), of("require", later))).toBe("asked otherwise");
  expect(outcomeChange(of("require", soon), of("require", soon))).toBeUndefined();
});

it("a person is newly asked, or is not any more and something is waited for", () => {
  const [leads, later] = [approval("leads"), wait("2027-01-01T00:00:00.000Z")];
  expect(outcomeChange(of("deny"), of("require", later, leads))).toBe("asked");
  expect(outcomeChange(of("require", later), of("require", leads))).toBe("asked");
  expect(outcomeChange(of("require", later, leads), of("require", later))).toBe("waiting");
  expect(outcomeChange(of("deny"), of("require", later))).toBe("waiting");
  expect(outcomeChange(of("require", leads), of("deny"))).toBe("denied");
  expect(outcomeChange(of("deny"), of("allow"))).toBe("allowed");
  expect(outcomeChange(of("allow"), of("allow"))).toBeUndefined();
});
