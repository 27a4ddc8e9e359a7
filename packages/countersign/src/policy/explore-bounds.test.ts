import { describe, expect, it } from "vitest";
import { answerOf, type Explored, explore, exploredInput } from "./explore.ts";
import type { CompiledPolicies } from "./policy.ts";
import { asking, forbid, permit, smallSet } from "./small-set.fixture.ts";

const asked: Explored = {
  agent: "bot",
  workflow: "w",
  tier: 1,
  dri: "ana@acme.example",
  owner: "olu@acme.example",
  tool: "s.t",
  verb: "execute",
  system: "sys",
  environment: { name: "live", production: true },
  reversal: "plan",
  reviewed: true,
  definitionDigest: "sha256:d",
  checks: ["plan"],
  at: "2026-11-22T12:00:00.000Z",
};
const explored = (own: string, workflow = permit("may"), more: Partial<Explored> = {}) => {
  const permission = explore(smallSet(workflow, own), { ...asked, ...more });
  return [answerOf(permission), permission.most.effect, permission.least.effect, permission.depends.join()];
};

describe("what a call that nobody has made could be decided as", () => {
  it("is one answer where nothing depends on the call", () => {
    for (const condition of [
      "principal.tier == 1",
      'principal.workflow == "w"',
      "resource.environment.production",
      'resource.system == "sys"',
      'action == Action::"s.t"',
      'context.tool.verb == "execute"',
      'context.at > datetime("2026-01-01")',
      "!context.facts.stopped",
      'context.facts.reversal == "plan"',
      'context.facts.flow.effect == "irreversible"',
      "!context.facts.flow.tainted",
    ]) {
      expect(explored(forbid("no", `when { ${condition} }`)), condition).toEqual(["deny", "deny", "deny", ""]);
      expect(explored(forbid("no", `unless { ${condition} }`)), condition).toEqual(["allow", "allow", "allow", ""]);
    }
    expect(explored(asking("ask"))).toEqual(["require", "require", "require", ""]);
    expect(explored("", permit("other", "", "s.u"))).toEqual(["deny", "deny", "deny", ""]);
  });

  it("depends on what only the call says", () => {
    for (const condition of [
      "context.args has amount",
      "context.run.tainted",
      'context.stage == "call"',
      'context.facts.signals.contains("x")',
      "principal has onBehalfOf",
      'resource.target == "x"',
      'resource.labels.contains("x")',
      "resource has owner",
    ])
      expect(explored(forbid("no", `when { ${condition} }`)), condition).toEqual(["depends", "allow", "deny", "no"]);
    const there = '@id("there") forbid (principal, action == Action::"s.t", resource == Target::"x");';
    expect(explored(there)).toEqual(["depends", "allow", "deny", "there"]);
    expect(explored(asking("ask", "when { context.run.tainted }"))).toEqual(["depends", "allow", "require", "ask"]);
    expect(explored("", permit("may", "context.run.tainted"))).toEqual(["depends", "allow", "deny", "may"]);
  });

  it("is bounded by the conditions that do not depend on it", () => {
    expect(explored(forbid("no", "when { principal.tier == 1 && context.run.tainted }"))[0]).toBe("depends");
    expect(explored(forbid("no", "when { principal.tier == 2 && context.run.tainted }"))).toEqual([
      "allow",
      "allow",
      "allow",
      "no",
    ]);
    expect(explored("", permit("may", "principal.tier == 2 && context.run.tainted"))).toEqual([
      "deny",
      "deny",
      "deny",
      "may",
    ]);
    const either = "when { principal.tier == 2 || context.run.tainted }";
    expect(explored(forbid("no", either))).toEqual(["depends", "allow", "deny", "no"]);
    const both = `${forbid("no", "when { principal.tier == 1 }")}\n${forbid("maybe", "when { context.run.tainted }")}`;
    expect(explored(both)).toEqual(["deny", "deny", "deny", "maybe"]);
  });

  it("is worked out of a set once, for all who ask", () => {
    const { policies, ...rest } = smallSet(permit("may"), forbid("no", "when { context.run.tainted }"));
    let times = 0;
    // Not a member of its own, so that a copy of the set is none that counts.
    const set: CompiledPolicies = Object.create(
      {
        get policies() {
          times++;
          return policies;
        },
      },
      Object.getOwnPropertyDescriptors(rest),
    );
    expect(answerOf(explore(set, asked))).toBe("depends");
    const once = times;
    expect(answerOf(explore(set, { ...asked, tier: 2 }))).toBe("depends");
    expect([once > 0, times]).toEqual([true, once]);
  });

  it("is asked with an input that has nothing of a call", () => {
    const { argsDigest, ...input } = exploredInput(asked);
    expect(input).toEqual({
      v: 1,
      decisionId: `dec_${"0".repeat(26)}`,
      at: asked.at,
      stage: "call",
      principal: { agent: "bot", tier: 1, workflow: "w", dri: asked.dri, owner: asked.owner, groups: [] },
      action: { tool: "s.t", verb: "execute", definitionDigest: "sha256:d", reviewed: true },
      resource: { system: "sys", environment: asked.environment, target: "s.t", labels: [] },
      args: {},
      callDigest: `sha256:${"0".repeat(64)}`,
      facts: {
        cured: [],
        approvals: [],
        checks: [
          {
            name: "plan",
            version: "explored",
            verdict: "pass",
            at: asked.at,
            evidence: [],
            microseconds: 0,
            argsDigest,
          },
        ],
        signals: [],
        stopped: false,
        reversal: "plan",
        counts: {},
        flow: {
          effect: "irreversible",
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
    expect(exploredInput({ ...asked, verb: "read" }).facts.flow).toEqual({ effect: "read", brings: "internal" });
  });
});
