import type { ApprovalFact, DecisionInput } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { acme, argsDigest, asks, callDigest, check } from "./acme.fixture.ts";
import { decide, decisionBytes } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";

const quorum = (id: string, from: string, count: number) => `
@id("${id}") @cure("approval") @from("${from}") @count("${count}") @open("4h") @valid("1h") @exclude("requester,owner")
forbid (principal, action == Action::"helpdesk.draft_refund", resource)
unless { context.facts.cured.contains("${id}") };`;

const own = `${quorum("alpha", "sre", 1)}${quorum("beta", "sre", 2)}
@id("gamma") @cure("check") @check("plan") @age("15m")
forbid (principal, action == Action::"helpdesk.draft_refund", resource)
unless { context.facts.cured.contains("gamma") };`;

const ids = ["alpha", "beta", "support-replies/approval/helpdesk.draft_refund"];
const ladder = { deny: 0, require: 1, allow: 2 };

let policies: CompiledPolicies;
beforeAll(async () => {
  policies = await acme(own);
});

const persons = fc.constantFrom("lea@acme.example", "max@acme.example", "olu@acme.example", "rio@acme.example");
const minutesAgo = fc
  .integer({ min: -30, max: 120 })
  .map((minutes) => new Date(Date.UTC(2026, 10, 22, 12, -minutes)).toISOString());

function approvals(): fc.Arbitrary<ApprovalFact[]> {
  const digests = policies.policies.map((policy) => policy.digest);
  return fc.array(
    fc.record({
      policy: fc.constantFrom(...ids, "gamma"),
      policyDigest: fc.constantFrom(...digests.slice(0, 2), ...ids.map(digestOf)),
      person: persons,
      groups: fc.subarray(["sre", "support-leads"]),
      at: minutesAgo,
      callDigest: fc.constantFrom(callDigest, callDigest, argsDigest),
    }),
    { maxLength: 12 },
  );
}

function digestOf(id: string): string {
  return policies.policies.find((policy) => policy.id === id)?.digest ?? "";
}

function refund(facts: Partial<DecisionInput["facts"]>): DecisionInput {
  const principal = { onBehalfOf: "rio@acme.example" };
  return asks({
    tool: "helpdesk.draft_refund",
    verb: "propose",
    principal,
    facts: { checks: [check("plan")], ...facts },
  });
}

describe("properties of a decision", () => {
  it("an approval for one policy never cures another", () => {
    fc.assert(
      fc.property(approvals(), fc.constantFrom(...ids), (given, id) => {
        const without = given.filter((one) => one.policy !== id || one.policyDigest !== digestOf(id));
        const decision = decide(refund({ approvals: without }), policies);
        expect(decision.requirements.map((one) => one.policy)).toContain(id);
      }),
      { numRuns: 300 },
    );
  });

  it("an allow has for each policy that asks enough different people who may answer, in time, for this very call", () => {
    const needs = [
      ["alpha", "sre", 1],
      ["beta", "sre", 2],
      [ids[2], "support-leads", 2],
    ] as const;
    let allowed = 0;
    const good = fc.constantFrom(...needs).chain(([policy, group]) =>
      persons.map((person) => ({
        policy: policy ?? "",
        policyDigest: digestOf(policy ?? ""),
        person,
        groups: [group],
        at: "2026-11-22T11:30:00.000Z",
        callDigest,
      })),
    );
    fc.assert(
      fc.property(fc.array(good, { minLength: 4, maxLength: 16 }), approvals(), (likely, any) => {
        const given = [...likely, ...any];
        const { effect } = decide(refund({ approvals: given }), policies);
        const met = needs.every(([policy, group, count]) => {
          const counting = given.filter((one) => {
            const ageMs = Date.UTC(2026, 10, 22, 12) - Date.parse(one.at);
            const bound =
              one.policy === policy && one.policyDigest === digestOf(policy) && one.callDigest === callDigest;
            const may = one.groups.includes(group) && !["olu@acme.example", "rio@acme.example"].includes(one.person);
            return bound && may && ageMs >= 0 && ageMs < 3_600_000;
          });
          return new Set(counting.map((one) => one.person)).size >= count;
        });
        if (met) allowed++;
        expect(effect).toBe(met ? "allow" : "require");
      }),
      { numRuns: 500 },
    );
    expect(allowed).toBeGreaterThan(20);
  });

  it("more approvals never make it stricter, and never make a deny anything else", () => {
    fc.assert(
      fc.property(approvals(), approvals(), fc.boolean(), (some, more, stopped) => {
        const [before, after] = [some, [...some, ...more]].map(
          (given) => decide(refund({ approvals: given, stopped }), policies).effect,
        );
        expect(ladder[after ?? "deny"]).toBeGreaterThanOrEqual(ladder[before ?? "allow"]);
        if (stopped) expect(after).toBe("deny");
      }),
      { numRuns: 200 },
    );
  });

  it("any error of any policy denies, whatever else holds", () => {
    const names = fc.subarray(["alpha", "stop", "support-replies/allow/helpdesk.search_tickets"], { minLength: 1 });
    fc.assert(
      fc.property(names, fc.boolean(), fc.boolean(), (failed, permit, forbid) => {
        const evaluate = () => ({
          permits: permit ? ["support-replies/allow/helpdesk.search_tickets"] : [],
          forbids: forbid ? ["stop"] : [],
          errors: failed.map((policy) => ({ policy, message: "attribute not found" })),
        });
        expect(decide(asks(), policies, { evaluate })).toMatchObject({
          effect: "deny",
          errors: { length: failed.length },
        });
      }),
    );
  });

  it("MT-13 any stored input gives the same bytes again", () => {
    fc.assert(
      fc.property(approvals(), fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3), fc.boolean(), (given, tier, production) => {
        const input = {
          ...refund({ approvals: given }),
          ...{ resource: { ...asks().resource, environment: { name: "e", production } } },
        };
        const asked = { ...input, principal: { ...input.principal, tier } };
        expect(decisionBytes(decide(JSON.parse(JSON.stringify(asked)), policies))).toBe(
          decisionBytes(decide(asked, policies)),
        );
      }),
      { numRuns: 100 },
    );
  });
});
