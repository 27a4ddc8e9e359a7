import type { Decision, Requirement } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import type { Case } from "./case.ts";
import { failuresOf } from "./run-case.ts";

const asked = { policy: "p", policyDigest: "sha256:p" } as const;
const approval = (from: string, count = 1): Requirement =>
  ({ kind: "approval", ...asked, from, count, sentence: `${count} of ${from}` }) as Requirement;
const check = (name: string): Requirement => ({
  kind: "check",
  ...asked,
  name,
  maxAgeMs: 1,
  sentence: `check ${name}`,
});
const wait = (until: string): Requirement => ({ kind: "wait", ...asked, until, sentence: `until ${until}` });

function failures(expected: Partial<Case["expect"]>, ...requirements: readonly Requirement[]): readonly string[] {
  const determining = [{ id: "b" }, { id: "a" }];
  const decision = { effect: "require", sentence: "held: x", determining, requirements } as unknown as Decision;
  return failuresOf({ effect: "require", ...expected }, decision);
}

describe("a case", () => {
  it("expects an effect", () => {
    expect(failures({})).toEqual([]);
    expect(failures({ effect: "deny" })).toEqual(["expected deny, and it is require: held: x"]);
  });

  it("expects the policies that decide, in whatever order", () => {
    expect(failures({ policies: ["a", "b"] })).toEqual([]);
    expect(failures({ policies: ["b", "a"] })).toEqual([]);
    expect(failures({ policies: ["c", "a"] })).toEqual(["expected it decided by `c`, `a`, and it is by `a`, `b`"]);
    expect(failures({ policies: ["a"] })).toHaveLength(1);
    expect(failures({ policies: [] })).toEqual(["expected it decided by no policy, and it is by `a`, `b`"]);
  });

  it("expects what is needed, each once", () => {
    const all = [approval("leads", 2), check("plan"), wait("2026-12-01T08:00:00.000Z")];
    expect(
      failures(
        { requires: [{ wait: "2026-12-01T08:00:00Z" }, { check: "plan" }, { approval: "leads", count: 2 }] },
        ...all,
      ),
    ).toEqual([]);
    expect(failures({ requires: [{ approval: "leads" }] }, approval("leads", 7))).toEqual([]);
    expect(failures({}, ...all)).toEqual([]);
    expect(failures({ requires: [] }, check("plan"))).toEqual(["it needs what was not expected: check plan"]);
    expect(failures({ requires: [{ check: "plan" }, { check: "plan" }] }, check("plan"))).toEqual([
      "expected it to need check `plan`, and it does not",
    ]);
    expect(failures({ requires: [{ check: "plan" }] }, check("plan"), check("plan"))).toHaveLength(1);
  });

  it("says what it expected and did not find, and what it found instead", () => {
    const cases: readonly (readonly [NonNullable<Case["expect"]["requires"]>[number], Requirement, string])[] = [
      [{ approval: "leads" }, approval("others"), "approval from `leads`"],
      [{ approval: "leads", count: 2 }, approval("leads"), "2 approvals from `leads`"],
      [{ approval: "plan" }, check("plan"), "approval from `plan`"],
      [{ check: "plan" }, check("other"), "check `plan`"],
      [{ check: "plan" }, approval("plan"), "check `plan`"],
      [{ wait: "2026-12-01T08:00:00Z" }, wait("2026-12-01T08:00:01Z"), "to wait until 2026-12-01T08:00:00Z"],
      [{ wait: "2026-12-01T08:00:00Z" }, check("plan"), "to wait until 2026-12-01T08:00:00Z"],
    ];
    for (const [expected, found, words] of cases)
      expect(failures({ requires: [expected] }, found)).toEqual([
        `expected it to need ${words}, and it does not`,
        `it needs what was not expected: ${found.sentence}`,
      ]);
  });
});
