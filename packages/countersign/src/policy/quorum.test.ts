import type { ApprovalFact } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Quorum, skewMs, tally } from "./quorum.ts";

const atMs = Date.parse("2026-11-22T12:00:00.000Z");
const quorum: Quorum = {
  policy: "p",
  policyDigest: "sha256:p",
  callDigest: "sha256:c",
  from: "sre",
  count: 2,
  validMs: 3_600_000,
  excluded: ["olu@acme.example"],
};

function given(person: string, more: Partial<ApprovalFact> = {}): ApprovalFact {
  const at = new Date(atMs - 60_000).toISOString();
  return { policy: "p", policyDigest: "sha256:p", callDigest: "sha256:c", person, groups: ["sre"], at, ...more };
}

describe("tally", () => {
  it("counts distinct members of the group", () => {
    const both = [given("ana@acme.example"), given("bo@acme.example")];
    expect(tally(quorum, both, atMs)).toEqual({
      counted: ["ana@acme.example", "bo@acme.example"],
      needed: 2,
      missing: 0,
      met: true,
    });
  });

  it("MT-198 asks one more where somebody approved after too short a look, and no more than one", () => {
    const [ana, bo, cy] = ["ana@x", "bo@x", "cy@x"].map((one) => given(one));
    const skimmed = { ...given("ana@x"), skimmed: true as const };
    const also = { ...given("bo@x"), skimmed: true as const };
    const one = { ...quorum, count: 1 };
    expect(tally(one, [skimmed], atMs)).toMatchObject({ needed: 2, missing: 1, met: false });
    expect(tally(one, [skimmed, bo ?? skimmed], atMs)).toMatchObject({ needed: 2, missing: 0, met: true });
    expect(tally(one, [skimmed, also], atMs)).toMatchObject({ needed: 2, met: true });
    expect(tally(one, [ana ?? skimmed], atMs)).toMatchObject({ needed: 1, met: true });
    // One that does not count raises nothing.
    const other = { ...skimmed, callDigest: "sha256:other" };
    expect(tally(one, [other, cy ?? skimmed], atMs)).toMatchObject({ needed: 1, met: true });
  });

  it("counts a person once, however the address is written", () => {
    const twice = [given("ana@acme.example"), given("Ana@Acme.example "), given("ana@acme.example")];
    expect(tally(quorum, twice, atMs)).toMatchObject({ missing: 1, met: false });
  });

  it.each<[string, Partial<ApprovalFact>]>([
    ["another policy", { policy: "q" }],
    ["another text of the policy", { policyDigest: "sha256:old" }],
    ["another call", { callDigest: "sha256:other" }],
    ["a person outside the group", { groups: ["support"] }],
    ["an excluded person", { person: "OLU@acme.example" }],
    ["an answer that is too old", { at: new Date(atMs - 3_600_000).toISOString() }],
    ["an answer from the future", { at: new Date(atMs + skewMs + 1).toISOString() }],
    ["an answer without a readable time", { at: "yesterday" }],
    ["nobody", { person: " " }],
  ])("does not count %s", (_, more) => {
    const one = { ...quorum, count: 1 };
    expect(tally(one, [given("ana@acme.example")], atMs).met).toBe(true);
    expect(tally(one, [given("ana@acme.example", more)], atMs).met).toBe(false);
  });

  it("is never met by a count below one", () => {
    expect(tally({ ...quorum, count: 0 }, [], atMs).met).toBe(false);
  });

  it.each<[string, readonly ApprovalFact[], readonly string[]]>([
    ["a login and whoever let it in", [given("ana@x"), given("bo@x", { vouchedBy: ["Ana@x"] })], ["ana@x"]],
    ["the same the other way round", [given("bo@x", { vouchedBy: ["ana@x"] }), given("ana@x")], ["ana@x"]],
    [
      "two logins that one person let in",
      [given("bo@x", { vouchedBy: ["cy@x"] }), given("ana@x", { vouchedBy: ["cy@x"] })],
      ["ana@x"],
    ],
    [
      "a chain of logins, in whatever order it is told",
      [
        given("ana@x", { vouchedBy: ["bo@x"] }),
        given("dan@x", { vouchedBy: ["cy@x"] }),
        given("bo@x", { vouchedBy: ["cy@x"] }),
      ],
      ["ana@x"],
    ],
  ])("counts %s once", (_, approvals, counted) => {
    expect(tally(quorum, approvals, atMs)).toEqual({ counted, needed: 2, missing: 1, met: false });
    expect(tally(quorum, [...approvals, given("eli@x")], atMs)).toMatchObject({ met: true });
  });

  it("does not count a login that somebody excluded let in", () => {
    const one = { ...quorum, count: 1 };
    expect(tally(one, [given("ana@x", { vouchedBy: ["OLU@acme.example"] })], atMs).met).toBe(false);
    expect(tally(one, [given("ana@x", { vouchedBy: ["bo@x"] })], atMs).met).toBe(true);
  });

  it("never counts more than there are people, however logins were let in", () => {
    const name = fc.constantFrom("a@x", "b@x", "c@x", "d@x");
    const approvals = fc.array(fc.tuple(name, fc.array(name, { maxLength: 2 })), { maxLength: 6 });
    fc.assert(
      fc.property(approvals, name, (logins, one) => {
        const all = logins.map(([person, vouchedBy]) => given(person, { vouchedBy }));
        const { counted } = tally(quorum, all, atMs);
        expect(counted.length).toBeLessThanOrEqual(new Set(logins.map(([person]) => person)).size);
        // All that `one` may be behind is one person: without it, at most one fewer stands.
        const hers = ([person, vouchedBy]: readonly [string, readonly string[]]) =>
          person === one || vouchedBy.includes(one);
        const without = logins
          .filter((login) => !hers(login))
          .map(([person, vouchedBy]) => given(person, { vouchedBy }));
        expect(counted.length).toBeLessThanOrEqual(tally(quorum, without, atMs).counted.length + 1);
      }),
    );
  });

  it("never counts an expired, foreign or excluded answer, whatever else there is", () => {
    const persons = fc.constantFrom("ana@acme.example", "bo@acme.example", "olu@acme.example", "OLU@ACME.example");
    const answers = fc.array(
      fc.record({
        policy: fc.constantFrom("p", "q"),
        policyDigest: fc.constantFrom("sha256:p", "sha256:q"),
        callDigest: fc.constantFrom("sha256:c", "sha256:d"),
        person: persons,
        groups: fc.subarray(["sre", "support"]),
        at: fc.integer({ min: -7_200_000, max: 60_000 }).map((ms) => new Date(atMs + ms).toISOString()),
      }),
    );
    fc.assert(
      fc.property(answers, (approvals) => {
        const { counted, met } = tally(quorum, approvals, atMs);
        for (const person of counted) {
          expect(person).not.toBe("olu@acme.example");
          const good = approvals.some((one) => {
            const ageMs = atMs - Date.parse(one.at);
            const bound = one.policy === "p" && one.policyDigest === "sha256:p" && one.callDigest === "sha256:c";
            return (
              one.person.toLowerCase() === person &&
              bound &&
              one.groups.includes("sre") &&
              ageMs < 3_600_000 &&
              ageMs >= -skewMs
            );
          });
          expect(good).toBe(true);
        }
        expect(met).toBe(counted.length >= 2);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an approval's age", () => {
  const lone = { ...quorum, count: 1 };
  const met = (ageMs: number) =>
    tally(lone, [given("ana@acme.example", { at: new Date(atMs - ageMs).toISOString() })], atMs).met;

  it("counts from five seconds ahead of our clock to just before it lapses", () => {
    expect([-skewMs, -skewMs - 1].map(met)).toEqual([true, false]);
    expect([lone.validMs - 1, lone.validMs].map(met)).toEqual([true, false]);
    expect(skewMs).toBe(5_000);
  });

  it("tells who counts in one order, whatever the order of the answers", () => {
    const people = ["cy@acme.example", "ana@acme.example", "bo@acme.example"].map((person) => given(person));
    expect(tally(quorum, people, atMs).counted).toEqual(["ana@acme.example", "bo@acme.example", "cy@acme.example"]);
    expect(tally(quorum, people.toReversed(), atMs).counted).toEqual(tally(quorum, people, atMs).counted);
  });
});
