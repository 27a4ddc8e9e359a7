import type { ApprovalFact, CheckFact, DecisionInput } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { argsDigest, asks, at, callDigest, check } from "../acme.fixture.ts";
import { caseOf } from "./case-of.ts";

const decided = { effect: "allow", policies: ["p"] } as const;
const of = (input: DecisionInput) => caseOf("it", input, {}, decided);
const withFacts = (facts: Partial<DecisionInput["facts"]>) => of(asks({ facts }));
/** So long before the call. */
const earlier = (ms: number) => new Date(Date.parse(at) - ms).toISOString();

describe("the case of a decision", () => {
  it("says who called what, where and when, and what was decided, and leaves out what says nothing", () => {
    expect(caseOf("late", asks(), { query: "late" }, decided)).toStrictEqual({
      name: "late",
      agent: "support-bot",
      workflow: "support-replies",
      tier: 1,
      tool: "helpdesk.search_tickets",
      args: { query: "late" },
      verb: "read",
      environment: "sandbox",
      target: "ticket/1",
      labels: [],
      facts: { reversal: "none", origins: ["task"] },
      stage: "call",
      at,
      expect: decided,
    });
  });

  it("names for whom it was, and no target where there was none", () => {
    const input = asks({ principal: { onBehalfOf: "rio@acme.example" } });
    expect(of(input)).toMatchObject({ for: "rio@acme.example", target: "ticket/1" });
    expect(of(asks())).not.toHaveProperty("for");
    expect(of({ ...input, resource: { ...input.resource, target: "" } })).not.toHaveProperty("target");
  });

  it("says who had approved what, and how many whole seconds before", () => {
    const approved = (ms: number): ApprovalFact => ({
      policy: "ask",
      policyDigest: "sha256:ask",
      person: "lea@acme.example",
      groups: ["support-leads"],
      at: earlier(ms),
      callDigest,
    });
    const given = { person: "lea@acme.example", policy: "ask" };
    expect(of(asks())).not.toHaveProperty("approvals");
    for (const [ms, ago] of [
      [600_000, "600s"],
      [1_999, "1s"],
      [1_000, "1s"],
    ] as const)
      expect(withFacts({ approvals: [approved(ms)] }).approvals).toStrictEqual([{ ...given, ago }]);
    for (const ms of [999, 0, -5_000])
      expect(withFacts({ approvals: [approved(ms)] }).approvals).toStrictEqual([given]);
    const alone = { ...approved(0), glass: { until: at } };
    expect(withFacts({ approvals: [approved(0), alone] }).approvals).toStrictEqual([given]);
    expect(withFacts({ approvals: [alone] })).not.toHaveProperty("approvals");
  });

  it("says the last result of each check on these arguments, where it is not that it passed just now", () => {
    const checks = (...all: readonly CheckFact[]) => withFacts({ checks: all }).checks;
    const now = { at };
    expect(of(asks())).not.toHaveProperty("checks");
    expect(withFacts({ checks: [check("plan", now)] })).not.toHaveProperty("checks");
    expect(checks(check("plan", { at: earlier(60_000) }))).toStrictEqual({ plan: { verdict: "pass", ago: "60s" } });
    expect(checks(check("plan", { ...now, verdict: "fail" }))).toStrictEqual({ plan: { verdict: "fail" } });
    expect(
      checks(check("plan", { ...now, verdict: "fail" }), check("plan", { ...now, verdict: "error" })),
    ).toStrictEqual({
      plan: { verdict: "error" },
    });
    const elsewhere = `sha256:${"b".repeat(64)}`;
    expect(elsewhere).not.toBe(argsDigest);
    expect(checks(check("plan", { verdict: "fail", argsDigest: elsewhere }))).toBeUndefined();
    expect(
      checks(
        check("secrets", { ...now, verdict: "fail" }),
        check("plan", now),
        check("lint", { ...now, verdict: "error" }),
      ),
    ).toStrictEqual({ secrets: { verdict: "fail" }, lint: { verdict: "error" } });
  });
});

describe("the facts of a case", () => {
  const plain = { reversal: "none", origins: ["task"] };

  it("are those that a case does not have by itself", () => {
    for (const [facts, said] of [
      [{ stopped: true }, { stopped: true }],
      [{ reversal: "plan" }, { reversal: "plan" }],
      [{ signals: ["odd"] }, { signals: ["odd"] }],
      [{ counts: { rate: 1, other: 3, none: 0 } }, { counts: { other: 3, none: 0 } }],
      [{ counts: { rate: 1 } }, {}],
      [{ sums: { day: 5 } }, { sums: { day: 5 } }],
      [{ sums: {} }, {}],
      [{ steps: { slowly: 4 } }, { steps: { slowly: 4 } }],
      [{ steps: {} }, {}],
      [{ formerly: ["seen"] }, { formerly: ["seen"] }],
      [{ formerly: [] }, {}],
      [{ previous: ["last"] }, { previous: ["last"] }],
      [{ previous: [] }, {}],
      [{ reach: { rows: 3, objects: 0 } }, { reach: { rows: 3, objects: 0 } }],
      [{ reach: { rows: 3, money: { minor: 5, currency: "EUR" } } }, { reach: { rows: 3 } }],
      [{ reach: { money: { minor: 5, currency: "EUR" } } }, {}],
      [{ reach: {} }, {}],
    ] as readonly (readonly [Partial<DecisionInput["facts"]>, object])[])
      expect(withFacts(facts).facts, JSON.stringify(facts)).toStrictEqual({ ...plain, ...said });
  });

  it("are whether the tool was reviewed, and what its run is", () => {
    expect(of(asks({ reviewed: false })).facts).toStrictEqual({ ...plain, reviewed: false });
    const { run, ...input } = asks();
    for (const planned of [true, false])
      expect(of({ ...input, run: { ...run, planned } }).facts).toStrictEqual({ ...plain, planned });
    expect(of({ ...input, run: { ...run, tainted: true } }).facts).toStrictEqual({ ...plain, tainted: true });
  });

  it("are what flow knows of the run: that it is tainted, what it read that is not public, and origins", () => {
    const known = { effect: "egress", brings: "internal" } as const;
    const flow = (more: Partial<NonNullable<DecisionInput["facts"]["flow"]>>) =>
      withFacts({ flow: { ...known, ...more } }).facts;
    const { flow: _, ...bare } = asks().facts;
    expect(of({ ...asks(), facts: bare as DecisionInput["facts"] }).facts).toStrictEqual({ reversal: "none" });
    expect(flow({})).toStrictEqual({ reversal: "none" });
    expect(flow({ tainted: false, read: ["public"], origins: [] })).toStrictEqual({ reversal: "none" });
    expect(flow({ tainted: false, beyond: [], origins: [] })).toStrictEqual({ reversal: "none" });
    expect(
      flow({ tainted: true, read: ["public", "personal"], beyond: ["personal"], origins: ["none", "untrusted"] }),
    ).toStrictEqual({
      reversal: "none",
      tainted: true,
      read: ["personal"],
      beyond: ["personal"],
      origins: ["none", "untrusted"],
    });
  });
});
