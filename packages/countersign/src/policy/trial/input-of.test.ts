import { describe, expect, it } from "vitest";
import { outcomeFor } from "../decide.ts";
import type { CompiledPolicies } from "../policy.ts";
import { asking, permit, smallSet } from "../small-set.fixture.ts";
import type { CallRequest, Placed, TrialWorld } from "./case.ts";
import { inputOf } from "./input-of.ts";

const window = (id: string, of: string) => `@id("${id}") @window("${of} of s.t per run")
forbid (principal in Workflow::"w", action == Action::"s.t", resource) when { context.run.tainted };`;
const policies: CompiledPolicies = smallSet(
  [permit("may"), window("w/seen", "formerly"), window("w/last", "previous"), window("w/rate", "count")].join("\n"),
  [
    asking("ask"),
    asking("ask-ops", "", "ops"),
    '@id("plain") forbid (principal, action == Action::"s.t", resource) when { context.run.tainted };',
  ].join("\n"),
  { names: { windows: ["w/rate", "w/sum"], steps: ["w/steps"], zones: ["UTC"] } },
);

const placed: Placed = {
  verb: "propose",
  system: "sys",
  environment: { name: "sandbox", production: false },
  target: "ticket/1",
  labels: ["customer"],
  projected: { amount: 7 },
  reversal: "plan",
  definitionDigest: "sha256:d",
  flow: { effect: "reversible", brings: "internal" },
};

function world(more: Partial<Placed> = {}): TrialWorld {
  return {
    agent: (name) => (name === "bot" ? { workflow: "w", owner: "olu@acme.example" } : undefined),
    workflow: (name) => (name === "w" || name === "v" ? { dri: `${name}@acme.example` } : undefined),
    tierOf: (agent, workflow) => (agent === "bot" && workflow === "w" ? 2 : 0),
    place: (tool) => (tool === "s.t" ? { ...placed, ...more } : undefined),
    environment: (name) => (name === "live" ? { name, production: true } : undefined),
    capacities: (person, workflow, at) =>
      person === "lea@acme.example"
        ? ["leads", person, `${workflow} ${at}`]
        : person === "ola@acme.example"
          ? ["ops"]
          : undefined,
    checks: ["plan", "secrets"],
    known: { agents: ["bot"], workflows: ["w"], tools: ["s.t"], environments: ["live"], people: ["lea@acme.example"] },
  };
}

const facts = { stopped: false, reviewed: true, signals: [], tainted: false, read: [], counts: {} } as const;
const call: CallRequest = {
  agent: "bot",
  tool: "s.t",
  args: { amount: 7 },
  approvals: [],
  checks: {},
  facts,
  at: "2026-01-05T12:00:00+01:00",
};

function input(more: Partial<CallRequest> = {}, where: Partial<Placed> = {}) {
  const read = inputOf({ ...call, ...more }, world(where), policies);
  if ("faults" in read) throw new Error(read.faults.join());
  return read.ok;
}

function faults(more: Partial<CallRequest>): readonly string[] {
  const read = inputOf({ ...call, ...more }, world(), policies);
  return "faults" in read ? read.faults : [];
}

describe("the question of a call that is written down", () => {
  it("has from the world what the call leaves out", () => {
    const { argsDigest, callDigest, ...rest } = input();
    expect([argsDigest, callDigest].every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest))).toBe(true);
    expect(argsDigest).not.toBe(callDigest);
    const check = {
      version: "case",
      verdict: "pass",
      at: "2026-01-05T11:00:00.000Z",
      evidence: [],
      microseconds: 0,
      argsDigest,
    };
    expect(rest).toEqual({
      v: 1,
      decisionId: `dec_${"0".repeat(26)}`,
      at: "2026-01-05T11:00:00.000Z",
      stage: "call",
      principal: { agent: "bot", tier: 2, workflow: "w", dri: "w@acme.example", owner: "olu@acme.example", groups: [] },
      action: { tool: "s.t", verb: "propose", definitionDigest: "sha256:d", reviewed: true },
      resource: { system: "sys", environment: placed.environment, target: "ticket/1", labels: ["customer"] },
      args: { amount: 7 },
      facts: {
        cured: [],
        approvals: [],
        checks: [
          { name: "plan", ...check },
          { name: "secrets", ...check },
        ],
        signals: [],
        stopped: false,
        reversal: "plan",
        counts: { "w/rate": 1, "w/sum": 1 },
        flow: {
          effect: "reversible",
          brings: "internal",
          tainted: false,
          sources: [],
          read: [],
          beyond: [],
          origins: ["task"],
        },
      },
      run: { id: `run_${"0".repeat(26)}`, step: 1, tainted: false },
    });
  });

  it("has from the call what it says", () => {
    const told = input(
      {
        workflow: "v",
        tier: 3,
        for: "lea@acme.example",
        verb: "execute",
        environment: "live",
        target: "ticket/2",
        labels: [],
        stage: "release",
        facts: {
          ...facts,
          stopped: true,
          reviewed: false,
          reversal: "none",
          signals: ["odd", "known"],
          tainted: true,
          read: ["personal"],
          planned: false,
          counts: { "w/rate": 9 },
          sums: { "w/sum": 5 },
          steps: { "w/steps": 4 },
          formerly: ["w/seen"],
          previous: ["w/last"],
          reach: { rows: 3 },
        },
      },
      { owner: "lou", signals: ["odd"], reach: { rows: 1, objects: 2 } },
    );
    expect(told).toMatchObject({
      stage: "release",
      principal: { workflow: "v", tier: 3, dri: "v@acme.example", onBehalfOf: "lea@acme.example" },
      action: { verb: "execute", reviewed: false },
      resource: { environment: { name: "live", production: true }, target: "ticket/2", owner: "lou", labels: [] },
      facts: {
        signals: ["known", "odd"],
        stopped: true,
        reversal: "none",
        counts: { "w/rate": 9, "w/sum": 1 },
        sums: { "w/sum": 5 },
        steps: { "w/steps": 4 },
        formerly: ["w/seen"],
        previous: ["w/last"],
        reach: { rows: 3, objects: 2 },
        flow: { tainted: true, sources: [{ tool: "s.t" }], read: ["personal"], beyond: [], origins: ["none"] },
      },
      run: { tainted: true, planned: false },
    });
    expect(input({ facts: { ...facts, beyond: ["secret"] } }).facts.flow?.beyond).toEqual(["secret"]);
    expect(input({ facts: { ...facts, origins: ["untrusted"] } }).facts.flow?.origins).toEqual(["untrusted"]);
    expect(input({}, { reach: { rows: 1 } }).facts.reach).toEqual({ rows: 1 });
    expect(input({ facts: { ...facts, reach: { rows: 1 } } }).facts.reach).toEqual({ rows: 1 });
    expect(input({ workflow: "v" }).principal.tier).toBe(0);
  });

  it("has its own amount alone as the sum of a window of which nothing is said", () => {
    const day = `@id("w/day") @window("sum amount in whole of s.t per workflow within 24h")
forbid (principal in Workflow::"w", action == Action::"s.t", resource) when { context.facts.sums["w/day"] > 1000 };`;
    const others = `@id("w/others") @window("sum amount in cents of s.u per workflow within 24h")
forbid (principal in Workflow::"w", action == Action::"s.t", resource) when { context.facts.sums["w/others"] > 1000 };`;
    const set = smallSet([permit("may"), day, others].join("\n"), "", {
      names: { windows: ["w/day", "w/others"], steps: [], zones: ["UTC"] },
    });
    const asked = (more: Partial<CallRequest>) => {
      const read = inputOf({ ...call, ...more }, world(), set);
      if ("faults" in read) throw new Error(read.faults.join());
      return read.ok;
    };
    expect(asked({}).facts.sums).toEqual({ "w/day": 700, "w/others": 0 });
    const stated = asked({ facts: { ...facts, sums: { "w/day": 2000 } } });
    expect(stated.facts.sums).toEqual({ "w/day": 2000, "w/others": 0 });
    // What is no amount is no fact, as at the gate: what reads it errs, and that denies.
    expect(asked({ args: { amount: "7" } }).facts.sums).toEqual({ "w/others": 0 });
    const effects = [asked({}), stated, asked({ args: { amount: "7" } })].map((one) => outcomeFor(one, set).effect);
    expect(effects).toEqual(["allow", "deny", "deny"]);
  });

  it("has a digest of its own for other arguments, another agent's tool, and no other", () => {
    expect(input({ args: { amount: 8 } }).argsDigest).not.toBe(input().argsDigest);
    expect(input({ args: { amount: 8 } }).callDigest).not.toBe(input().callDigest);
    expect(input({ target: "x" }).callDigest).toBe(input().callDigest);
  });

  it("has the approvals of people in each capacity that a policy asks for, as old as they are", () => {
    const { facts: found, stage } = input({ approvals: [{ person: "lea@acme.example", agoMs: 60_000 }] });
    expect(stage).toBe("resume");
    const digest = policies.policies.find(({ id }) => id === "ask")?.digest;
    expect(found.approvals).toEqual([
      {
        policy: "ask",
        policyDigest: digest,
        person: "lea@acme.example",
        groups: ["leads", "lea@acme.example", "w 2026-01-05T12:00:00+01:00"],
        at: "2026-01-05T10:59:00.000Z",
        callDigest: input().callDigest,
        passkey: true,
      },
    ]);
    const named = input({ approvals: [{ person: "lea@acme.example", policy: "ask-ops", agoMs: 0 }] });
    expect(named.facts.approvals.map(({ policy, at }) => [policy, at])).toEqual([
      ["ask-ops", "2026-01-05T11:00:00.000Z"],
    ]);
    expect(input({ approvals: [{ person: "lea@acme.example", policy: "plain", agoMs: 0 }] }).facts.approvals).toEqual(
      [],
    );
    const both = input({ approvals: ["lea@acme.example", "ola@acme.example"].map((person) => ({ person, agoMs: 0 })) });
    expect(both.facts.approvals.map(({ policy, person }) => [policy, person])).toEqual([
      ["ask", "lea@acme.example"],
      ["ask-ops", "ola@acme.example"],
    ]);
    expect(input({ stage: "call", approvals: [{ person: "lea@acme.example", agoMs: 0 }] }).stage).toBe("call");
  });

  it("has every check as passed, but for those of which it says otherwise", () => {
    const { checks } = input({
      checks: { plan: { verdict: "fail", agoMs: 1_000 }, secrets: { verdict: "none", agoMs: 0 } },
    }).facts;
    expect(checks.map(({ name, verdict, at }) => [name, verdict, at])).toEqual([
      ["plan", "fail", "2026-01-05T10:59:59.000Z"],
    ]);
  });
});

describe("a name that nobody knows", () => {
  it("is told, with what was meant", () => {
    expect(faults({ agent: "bott" })).toEqual(["there is no agent `bott`; did you mean `bot`?"]);
    expect(faults({ agent: "someone else" })).toEqual(["there is no agent `someone else`"]);
    expect(faults({ agent: "x".repeat(201) })).toEqual([`there is no agent \`${"x".repeat(200)}\``]);
    expect(faults({ workflow: "ww" })[0]).toMatch(/^there is no workflow `ww`/);
    expect(faults({ agent: "bott", workflow: "ww" })).toHaveLength(2);
    expect(faults({ tool: "s.tt" })).toEqual(["there is no tool `s.tt`; did you mean `s.t`?"]);
    expect(faults({ environment: "lives" })).toEqual(["there is no environment `lives`; did you mean `live`?"]);
    expect(faults({ approvals: [{ person: "leo@acme.example", agoMs: 0 }] })).toEqual([
      "there is no person `leo@acme.example`; did you mean `lea@acme.example`?",
    ]);
    expect(faults({ checks: { plans: { verdict: "pass", agoMs: 0 } } })).toEqual([
      "there is no check `plans`; did you mean `plan`?",
    ]);
    expect(faults({ facts: { ...facts, sums: { "w/sums": 1 } } })).toEqual([
      "there is no sum `w/sums`; did you mean `w/sum`?",
    ]);
    expect(faults({ facts: { ...facts, steps: { "w/step": 1 } } })).toEqual([
      "there is no limit of steps `w/step`; did you mean `w/steps`?",
    ]);
    expect(faults({ facts: { ...facts, formerly: ["w/rate"] } })[0]).toMatch(
      /^there is no window of earlier calls `w\/rate`/,
    );
    expect(faults({ facts: { ...facts, previous: ["w/seen"] } })[0]).toMatch(
      /^there is no window of the call before `w\/seen`/,
    );
    expect(faults({ facts: { ...facts, formerly: ["w/last"] } })).toHaveLength(1);
    expect(faults({ tool: "s.tt", checks: { plans: { verdict: "pass", agoMs: 0 } } })).toHaveLength(2);
  });
});
