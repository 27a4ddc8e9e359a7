import { describe, expect, it } from "vitest";
import { acme, asks, rollout, support, tools } from "../acme.fixture.ts";
import { decide } from "../decide.ts";
import type { Case, TrialWorld } from "./case.ts";
import { outcomeChange } from "./change.ts";
import { differingMembers } from "./differing-members.ts";
import { explainInput } from "./explain-input.ts";
import { inputOf } from "./input-of.ts";
import { mutantsOf } from "./mutants.ts";
import { runCases, runTrial } from "./run-cases.ts";

const limits = `@id("refunds") forbid (principal in Workflow::"support-replies", action == Action::"helpdesk.draft_refund", resource)
when { context.args has amount && context.args.amount > 500 };`;

const world: TrialWorld = {
  agent: (name) => (name === "support-bot" ? { workflow: "support-replies", owner: "olu@acme.example" } : undefined),
  workflow: (name) => (name === "support-replies" ? { dri: "ana@acme.example" } : undefined),
  tierOf: () => 1,
  place: (tool, args) =>
    tools.some((one) => one.id === tool)
      ? {
          verb: "propose",
          system: "helpdesk",
          environment: { name: "sandbox", production: false },
          target: "ticket/1",
          labels: [],
          projected: args,
          reversal: "none",
          flow: { effect: "reversible", brings: "internal" },
          definitionDigest: `sha256:${"d".repeat(64)}`,
        }
      : undefined,
  environment: (name) => (name === "live" ? { name, production: true } : undefined),
  capacities: (person) =>
    ["lea@acme.example", "leo@acme.example"].includes(person) ? ["support-leads", person] : undefined,
  checks: ["plan", "secrets"],
  known: {
    agents: ["support-bot"],
    workflows: ["support-replies"],
    tools: tools.map((one) => one.id),
    environments: ["live"],
    people: ["lea@acme.example", "leo@acme.example"],
  },
};

function refund(amount: number, expect: Case["expect"], more: Partial<Case> = {}): Case {
  return {
    name: `refund ${amount}`,
    agent: "support-bot",
    tool: "helpdesk.draft_refund",
    args: { amount },
    approvals: [],
    checks: {},
    facts: { stopped: false, reviewed: true, signals: [], tainted: false, read: [], counts: {} },
    at: "2026-01-05T12:00:00Z",
    expect,
    ...more,
  };
}

const leads = ["lea@acme.example", "leo@acme.example"].map((person) => ({ person, agoMs: 0 }));
const whole: readonly Case[] = [
  refund(500, { effect: "require", requires: [{ approval: "support-leads", count: 2 }] }),
  refund(501, { effect: "deny", policies: ["refunds"] }),
  refund(500, { effect: "allow" }, { approvals: leads }),
  { ...refund(0, { effect: "require" }), args: {} },
];

describe("cases", () => {
  it("are decided as the gate decides: an approval that is too old, or one person's alone, does not count", async () => {
    const policies = await acme(limits);
    const stale = leads.map((one) => ({ ...one, agoMs: 3_600_000 }));
    const cases = [
      ...whole,
      refund(1, { effect: "require" }, { approvals: leads.slice(0, 1) }),
      refund(2, { effect: "require" }, { approvals: stale }),
      refund(3, { effect: "deny" }, { facts: { ...whole[0]!.facts, stopped: true } }),
      refund(4, { effect: "deny" }, { facts: { ...whole[0]!.facts, reviewed: false } }),
    ];
    expect(runCases(cases, world, policies).results.filter((one) => !one.passed)).toEqual([]);
  });

  it("say what is not as they expect, and what they name that is not there", async () => {
    const policies = await acme(limits);
    const failuresOf = (one: Case) => runCases([one], world, policies).results[0]?.failures;
    expect(failuresOf(refund(501, { effect: "deny", policies: ["other"] }))).toEqual([
      "expected it decided by `other`, and it is by `refunds`",
    ]);
    expect(failuresOf(refund(5, { effect: "require", requires: [{ check: "plan" }] }))).toHaveLength(2);
    expect(failuresOf(refund(5, { effect: "allow" }, { tool: "helpdesk.draft_refnd" }))).toEqual([
      "there is no tool `helpdesk.draft_refnd`; did you mean `helpdesk.draft_refund`?",
    ]);
    expect(
      failuresOf(
        refund(
          5,
          { effect: "allow" },
          { checks: { secret: { verdict: "pass", agoMs: 0 } }, approvals: [{ person: "lee@acme.example", agoMs: 0 }] },
        ),
      ),
    ).toHaveLength(2);
  });
});

describe("cases of guardrails that look at other calls or at the target", () => {
  const on = ["helpdesk.draft_reply"];
  const schema = {
    type: "object",
    properties: { to: { type: "array", items: { type: "string" } }, share: { type: "integer" } },
  };
  const guarded = acme("", {
    workflows: [
      {
        ...support,
        guardrails: [
          { use: "object-limit", name: "mails", tools: on, argument: "to", most: 5, per: "workflow", within: "1h" },
          {
            use: "step-limit",
            name: "slowly",
            tools: on,
            argument: "share",
            current: "/share",
            most: 10,
            production: false,
          },
          {
            use: "done-before",
            name: "looked",
            tools: on,
            done: "helpdesk.search_tickets",
            within: "1h",
            since: on[0]!,
            production: false,
          },
          {
            use: "right-after",
            name: "next",
            tools: on,
            done: ["helpdesk.search_tickets"],
            may: "only",
            per: "run",
            within: "1h",
            production: false,
          },
        ],
      },
      rollout,
    ],
    tools: tools.map((one) => (one.id === on[0] ? { ...one, inputSchema: schema } : one)),
  });
  const id = (name: string) => `support-replies/guardrail/${name}`;
  const met = {
    sums: { [id("mails")]: 5 },
    steps: { [id("slowly")]: 10 },
    formerly: [id("looked")],
    previous: [id("next")],
  };
  const one = (facts: Partial<Case["facts"]>): Case => ({
    ...refund(1, { effect: "allow" }),
    tool: "helpdesk.draft_reply",
    facts: { ...whole[0]!.facts, ...facts },
  });
  const answer = async (facts: Partial<Case["facts"]>) => {
    const read = inputOf(one(facts), world, await guarded);
    return "faults" in read ? read.faults : decide(read.ok, await guarded).effect;
  };

  it("state what was summed, how far a value moves, what was done before and what was done last", async () => {
    expect(await answer(met)).toBe("allow");
    expect(await answer({ ...met, sums: { [id("mails")]: 6 } })).toBe("deny");
    expect(await answer({ ...met, steps: { [id("slowly")]: 11 } })).toBe("deny");
    expect(await answer({ ...met, formerly: [] })).toBe("deny");
    expect(await answer({ ...met, previous: [] })).toBe("deny");
    expect(await answer({})).toBe("deny");
  });

  it("name no sum, step or window that no policy reads", async () => {
    expect(await answer({ ...met, sums: { [id("mail")]: 5 } })).toEqual([
      `there is no sum \`${id("mail")}\`; did you mean \`${id("mails")}\`?`,
    ]);
    expect(await answer({ ...met, steps: { [id("mails")]: 5 } })).toHaveLength(1);
    expect(await answer({ ...met, formerly: [id("mails")] })).toHaveLength(1);
    expect(await answer({ ...met, previous: [id("looked")] })).toHaveLength(1);
  });
});

describe("faults", () => {
  it("are noticed by cases on both sides of each condition, and a boundary that no case stands on is named", async () => {
    const policies = await acme(limits);
    const chosen = ({ source }: { readonly source: string }) => source === "own";
    const { mutation, coverage } = await runTrial(whole, world, policies, chosen);
    expect(mutation.survivors.map((one) => one.fault)).toEqual([
      'widens principal in Workflow::"support-replies" to all',
      'widens action == Action::"helpdesk.draft_refund" to all',
    ]);
    expect(coverage.find((one) => one.policy === "refunds")).toMatchObject({ held: 1, covered: false });
    const without = await runTrial(
      [refund(900, { effect: "deny" }), refund(1, { effect: "require" })],
      world,
      policies,
      chosen,
    );
    expect(without.mutation.survivors.map((one) => one.fault)).toContain(
      "turns context.args.amount > 500 into context.args.amount >= 500",
    );
  });

  it("each change one policy and leave the set as it was", async () => {
    const policies = await acme(limits);
    const before = JSON.stringify(policies);
    const mutants = [...mutantsOf(policies, () => true)];
    expect(mutants.length).toBeGreaterThan(30);
    expect(new Set(mutants.map((one) => JSON.stringify(one.policies))).size).toBe(mutants.length);
    expect(JSON.stringify(policies)).toBe(before);
    expect(mutants.some((one) => one.fault.includes("cured.contains"))).toBe(false);
  });
});

describe("a replay", () => {
  it("is the same to the byte, and says which members are not where one was changed", async () => {
    const policies = await acme(limits);
    const read = inputOf(whole[0]!, world, policies);
    if ("faults" in read) throw new Error("the case is sound");
    const stored = JSON.parse(JSON.stringify(decide(read.ok, policies)));
    const again = decide(read.ok, policies);
    expect(differingMembers(stored, again)).toBeUndefined();
    expect(differingMembers({ ...stored, micros: 99 }, again)).toBeUndefined();
    // A member that is undefined is none.
    expect(differingMembers(stored, { ...again, observed: undefined } as never)).toBeUndefined();
    expect(differingMembers(stored, { ...again, observed: "deny" })).toEqual(["observed"]);
    expect(differingMembers({ ...stored, observed: "deny" }, again)).toEqual(["observed"]);
    expect(differingMembers({ ...stored, effect: "allow", sentence: "x" }, again)).toEqual(["effect", "sentence"]);
    expect(differingMembers(stored, decide({ ...read.ok, argsDigest: `sha256:${"b".repeat(64)}` }, policies))).toEqual([
      "inputDigest",
    ]);
  });

  it("tells apart what is newly allowed, denied, asked, waiting, and asked of others", () => {
    const of = (effect: "allow" | "require" | "deny", ...kinds: string[]) => ({
      effect,
      requirements: kinds.map((from) =>
        from === "wait"
          ? ({ kind: "wait", policy: "p", policyDigest: "d", until: "2026-12-01T08:00:00Z", sentence: "s" } as const)
          : ({
              kind: "approval",
              policy: "p",
              policyDigest: "d",
              from,
              count: 1,
              exclude: [],
              openMs: 1,
              validMs: 1,
              sentence: "s",
            } as const),
      ),
    });
    expect(outcomeChange(of("deny"), of("allow"))).toBe("allowed");
    expect(outcomeChange(of("require", "leads"), of("allow"))).toBe("allowed");
    expect(outcomeChange(of("allow"), of("deny"))).toBe("denied");
    expect(outcomeChange(of("allow"), of("require", "leads"))).toBe("asked");
    expect(outcomeChange(of("require", "wait"), of("require", "wait", "leads"))).toBe("asked");
    expect(outcomeChange(of("allow"), of("require", "wait"))).toBe("waiting");
    expect(outcomeChange(of("require", "leads"), of("require", "editors"))).toBe("asked otherwise");
    expect(outcomeChange(of("require", "leads"), of("require", "leads"))).toBeUndefined();
    expect(outcomeChange(of("deny"), of("deny"))).toBeUndefined();
  });
});

it("an explanation names the first condition that is not met, the closest policy first", async () => {
  const policies = await acme(limits);
  const input = asks({ tool: "helpdesk.draft_refund", verb: "propose", args: { amount: 5 } });
  const { decision, nearMiss } = explainInput(input, policies);
  expect(decision.effect).toBe("require");
  expect(nearMiss[0]).toMatchObject({ policy: "refunds", condition: "when { context.args.amount > 500 }", met: 3 });
  expect(nearMiss.map((one) => one.policy)).not.toContain("support-replies/approval/helpdesk.draft_refund");
});
