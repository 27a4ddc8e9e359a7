import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { JsonObject } from "@countersign/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { acme, approval, asks, check, deploys, rollout, support } from "./acme.fixture.ts";
import { decide, decisionBytes } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";

let policies: CompiledPolicies;
beforeAll(async () => {
  policies = await acme();
});

const passed = [check("plan"), check("secrets")];
const refund = { tool: "helpdesk.draft_refund", verb: "propose" } as const;
const refundRule = "support-replies/approval/helpdesk.draft_refund";

describe("what is allowed", () => {
  it("MT-38 a fresh install denies everything", async () => {
    const fresh = await acme("", { workflows: [] });
    for (const verb of ["read", "propose", "execute"] as const) {
      for (const tool of Object.keys(fresh.tools)) {
        expect(decide(asks({ tool, verb, tier: 3 }), fresh)).toMatchObject({ effect: "deny", determining: [] });
      }
    }
  });

  it("MT-139 a tool in `allow` is allowed, by the rule that says so", () => {
    const decision = decide(asks(), policies);
    expect(decision).toMatchObject({ effect: "allow", requirements: [], errors: [], nearMiss: [] });
    expect(decision.determining).toMatchObject([
      { id: "support-replies/allow/helpdesk.search_tickets", effect: "permit" },
    ]);
  });

  it("MT-139 a tool in neither list is denied, and the agent learns whom to ask", () => {
    const decision = decide(asks({ tool: "helpdesk.send_reply", verb: "propose" }), policies);
    expect(decision).toMatchObject({ effect: "deny", determining: [] });
    expect(decision.sentence).toContain("`ana@acme.example`");
  });

  it("denies another workflow's agent, and tells operators alone which rule nearly held", () => {
    const decision = decide(deploys({ tool: "helpdesk.search_tickets", verb: "read" }), policies);
    expect(decision.effect).toBe("deny");
    expect(decision.nearMiss).toMatchObject([{ policy: "support-replies/allow/helpdesk.search_tickets" }]);
    expect(decision.sentence).not.toContain("support-replies");
  });

  it("denies an agent that only says it is of the workflow", () => {
    const decision = decide(asks({ principal: { agent: "stranger" } }), policies);
    expect(decision).toMatchObject({ effect: "deny", nearMiss: [{ sentence: expect.stringContaining("`stranger`") }] });
  });

  it("denies a tool that nobody knows", () => {
    expect(decide(asks({ tool: "helpdesk.unheard" }), policies).effect).toBe("deny");
    expect(decide(asks({ tool: "__proto__" }), policies).effect).toBe("deny");
  });

  it("MT-141 a blocked tool is denied with the rule, and with what the agent can do", () => {
    const decision = decide(asks({ tool: "helpdesk.delete_ticket", verb: "propose" }), policies);
    expect(decision).toMatchObject({
      effect: "deny",
      determining: [{ id: "support-replies/block/helpdesk.delete_ticket" }],
    });
    expect(decision.sentence).toMatch(
      /refused by `support-replies\/block\/helpdesk\.delete_ticket`.*ask `ana@acme\.example`/,
    );
  });

  it("a stop stops everything", () => {
    const decision = decide(asks({ facts: { stopped: true } }), policies);
    expect(decision).toMatchObject({ effect: "deny", determining: [{ id: "stop" }] });
  });

  it("an unreviewed tool is never used", () => {
    expect(decide(asks({ reviewed: false }), policies)).toMatchObject({
      effect: "deny",
      determining: [{ id: "unreviewed-tool" }],
    });
  });
});

describe("what needs approval", () => {
  it("MT-140 asks who, how many and how long", () => {
    const decision = decide(asks(refund), policies);
    expect(decision).toMatchObject({ effect: "require" });
    expect(decision.requirements).toMatchObject([
      { kind: "approval", policy: refundRule, from: "support-leads", count: 2, openMs: 14_400_000, validMs: 3_600_000 },
    ]);
    expect(decision.sentence).toMatch(/2 approvals of different people from group `support-leads`/);
  });

  it("MT-140 is allowed once two other people have approved this very call", () => {
    const lea = approval(policies, refundRule);
    const max = approval(policies, refundRule, { person: "max@acme.example" });
    expect(decide(asks({ ...refund, facts: { approvals: [lea] } }), policies)).toMatchObject({
      effect: "require",
      sentence: expect.stringContaining("(1 given)"),
    });
    expect(decide(asks({ ...refund, facts: { approvals: [lea, max] } }), policies).effect).toBe("allow");
  });

  it("does not take the requester's or the owner's approval", () => {
    const lea = approval(policies, refundRule);
    const olu = approval(policies, refundRule, { person: "Olu@acme.example" });
    const rio = approval(policies, refundRule, { person: "rio@acme.example" });
    const asked = { ...refund, principal: { onBehalfOf: "rio@acme.example" } };
    expect(decide(asks({ ...asked, facts: { approvals: [lea, olu, rio] } }), policies).effect).toBe("require");
  });

  it("does not take an approval of whoever let the requester in, nor of whom the requester let in", () => {
    const lea = approval(policies, refundRule);
    const asked = { ...refund, principal: { onBehalfOf: "rio@acme.example", vouchedBy: ["sam@acme.example"] } };
    const effect = (more: Parameters<typeof approval>[2]) =>
      decide(asks({ ...asked, facts: { approvals: [lea, approval(policies, refundRule, more)] } }), policies).effect;
    expect(effect({ person: "max@acme.example" })).toBe("allow");
    expect(effect({ person: "sam@acme.example" })).toBe("require");
    expect(effect({ person: "max@acme.example", vouchedBy: ["rio@acme.example"] })).toBe("require");
    expect(effect({ person: "max@acme.example", vouchedBy: ["lea@acme.example"] })).toBe("require");
    const damaged = { person: "max@acme.example", vouchedBy: "nobody" as unknown as readonly string[] };
    expect(effect(damaged)).toBe("deny");
  });

  it.each([
    ["dri", "an approval from the DRI or who stands in"],
    ["lea@acme.example", "an approval from `lea@acme.example`"],
  ])("asks %s, and takes the answer of whoever answers as that", async (from, sentence) => {
    const ask = [{ tool: "helpdesk.draft_refund", from }];
    const asking = await acme("", { workflows: [{ ...support, ask }], people: ["lea@acme.example"] });
    const decision = decide(asks(refund), asking);
    expect(decision).toMatchObject({ effect: "require", requirements: [{ kind: "approval", from }] });
    expect(decision.sentence).toContain(sentence);
    const effect = (groups: readonly string[]) =>
      decide(asks({ ...refund, facts: { approvals: [approval(asking, refundRule, { groups })] } }), asking).effect;
    expect(effect(["support-leads"])).toBe("require");
    expect(effect(["support-leads", from])).toBe("allow");
  });

  it("counts an approval while its policy's text stands, whatever else changes", async () => {
    const approvals = [approval(policies, refundRule), approval(policies, refundRule, { person: "max@acme.example" })];
    const input = asks({ ...refund, facts: { approvals } });
    const grown = await acme(`@id("x") forbid (principal, action == Action::"deploy.wipe", resource);`);
    expect(decide(input, grown).effect).toBe("allow");
    const ask = [{ tool: "helpdesk.draft_refund", from: "support-leads", count: 2, open: "1h" }];
    const changed = await acme("", { workflows: [{ ...support, ask }] });
    expect(decide(input, changed).effect).toBe("require");
  });

  it("asks anew for another policy, and the first approval still answers the first", async () => {
    const second = `@id("second") @cure("approval") @from("sre") @count("1") @open("1h") @valid("1h") @exclude("nobody")
      forbid (principal, action == Action::"helpdesk.draft_refund", resource)
      unless { context.facts.cured.contains("second") };`;
    const both = await acme(second);
    expect(decide(asks(refund), both).requirements.map((one) => one.policy)).toEqual(["second", refundRule]);
    const approvals = [approval(both, refundRule), approval(both, refundRule, { person: "max@acme.example" })];
    const decision = decide(asks({ ...refund, facts: { approvals } }), both);
    expect(decision.requirements.map((one) => one.policy)).toEqual(["second"]);
  });

  it("ignores what a caller says is cured", () => {
    expect(decide(asks({ ...refund, facts: { cured: [refundRule] } }), policies).effect).toBe("require");
  });
});

describe("tiers", () => {
  const effect = (input: Parameters<typeof decide>[0]) => decide(input, policies);

  it("MT-144 tier 0 reads and does not propose", () => {
    expect(effect(asks({ tier: 0 })).effect).toBe("allow");
    const draft = { tool: "helpdesk.draft_reply", verb: "propose", tier: 0 } as const;
    expect(effect(asks(draft))).toMatchObject({ effect: "deny", determining: [{ id: "tier-0-reads-only" }] });
  });

  it("MT-146 tier 1 proposes, and a direct write is refused", () => {
    const draft = { tool: "helpdesk.draft_reply", tier: 1 } as const;
    expect(effect(asks({ ...draft, verb: "propose" })).effect).toBe("allow");
    expect(effect(asks({ ...draft, verb: "execute" }))).toMatchObject({
      effect: "deny",
      determining: [{ id: "tier-1-proposes" }],
    });
  });

  it("MT-147 tier 2 executes outside production only", () => {
    const status = { tool: "deploy.status", tier: 2 } as const;
    expect(effect(deploys(status)).effect).toBe("allow");
    expect(effect(deploys({ ...status, production: true, facts: { checks: passed, reversal: "plan" } }))).toMatchObject(
      {
        effect: "deny",
        determining: [{ id: "tier-2-outside-production" }],
      },
    );
  });

  it("MT-144 tier 3 executes in production with a fresh passed check and a way back", () => {
    const live = { tool: "deploy.status", production: true } as const;
    const ready = { checks: passed, reversal: "plan" } as const;
    expect(effect(deploys({ ...live, facts: ready })).effect).toBe("allow");
    expect(effect(deploys({ ...live, facts: { reversal: "plan" } })).requirements).toMatchObject([
      { kind: "check", name: "plan", policy: "tier-3-fresh-check" },
      { kind: "check", name: "secrets", policy: "tier-3-fresh-check" },
    ]);
    const failed = [check("plan", { verdict: "fail" })];
    expect(effect(deploys({ ...live, facts: { ...ready, checks: failed } }))).toMatchObject({
      effect: "deny",
      sentence: expect.stringContaining("check `plan` did not pass"),
    });
    for (const reversal of ["none", "irreversible"] as const) {
      expect(effect(deploys({ ...live, facts: { ...ready, reversal } }))).toMatchObject({
        effect: "deny",
        determining: [{ id: "tier-3-way-back" }],
      });
    }
  });

  it("lets a workflow name a tool that nothing undoes", () => {
    const wipe = { tool: "deploy.wipe", production: true } as const;
    expect(effect(deploys({ ...wipe, facts: { checks: passed, reversal: "irreversible" } })).effect).toBe("allow");
    expect(effect(deploys({ ...wipe, facts: { checks: passed, reversal: "none" } })).effect).toBe("deny");
  });

  it("a workflow's own check comes first, and is a requirement like any other", () => {
    expect(effect(deploys()).requirements).toMatchObject([
      { kind: "check", name: "plan", policy: "rollout/check/plan" },
    ]);
    expect(effect(deploys({ facts: { checks: [check("plan")] } })).effect).toBe("allow");
  });

  it("carries the obligations of the rule that allows", () => {
    expect(effect(deploys({ tool: "deploy.status", verb: "read" })).obligations).toEqual([
      { kind: "redact", policy: "rollout/allow/deploy.status", properties: { labels: ["secret"] } },
    ]);
  });
});

describe("what cannot be decided", () => {
  const reads = `@id("late") forbid (principal, action == Action::"helpdesk.search_tickets", resource) when { context.facts.counts["late"] > 3 };`;

  it("a fact that is missing makes the rule err, and an error denies", async () => {
    const late = await acme(reads, { windows: ["late"] });
    expect(decide(asks(), late)).toMatchObject({
      effect: "deny",
      determining: [{ id: "late" }],
      errors: [expect.stringMatching(/^late: /)],
    });
    expect(decide(asks({ facts: { counts: { late: 2 } } }), late)).toMatchObject({ effect: "allow", errors: [] });
  });

  it("a fact that only an older version knew decides nothing, and what was decided then is decided again", () => {
    const older = asks({ facts: { phase: 2 } as object });
    expect(decide(older, policies)).toMatchObject({ effect: "allow", errors: [] });
    expect(decide(older, policies).inputDigest).not.toBe(decide(asks(), policies).inputDigest);
  });

  it("an engine that fails denies", () => {
    const evaluate = () => {
      throw new Error("trap");
    };
    expect(decide(asks(), policies, { evaluate })).toMatchObject({
      effect: "deny",
      errors: [expect.not.stringContaining("trap")],
    });
  });

  it("a broken instance is replaced, and the next call is decided", () => {
    expect(decide(asks(), policies).effect).toBe("allow");
    // No compiled policy holds text; this one does, and it ends the engine's stack.
    const text = `forbid (principal, action, resource) when { ${"(".repeat(400)}true${")".repeat(400)} };`;
    const rules = policies.policies.map((one) => ({
      ...one,
      digest: `${one.digest}!`,
      syntax: text as unknown as PolicyJson,
    }));
    expect(decide(asks(), { ...policies, policies: rules }).effect).toBe("deny");
    expect(decide(asks(), policies).effect).toBe("allow");
  });

  it("an obligation that the gate does not know, or does not carry out, denies", () => {
    const obliged = (kind: string, properties: JsonObject) =>
      policies.policies.map((policy) => ({ ...policy, obligations: [{ kind: kind as "redact", properties }] }));
    for (const [kind, properties] of [
      ["pray", {}],
      ["notify", { to: ["sre"] }],
      ["redact", { labels: ["mine"] }],
    ] as const)
      expect(decide(asks(), { ...policies, policies: obliged(kind, properties) }).effect).toBe("deny");
    for (const [kind, properties] of [
      ["record_full", {}],
      ["redact", { labels: ["secret"] }],
    ] as const)
      expect(decide(asks(), { ...policies, policies: obliged(kind, properties) }).effect).toBe("allow");
  });

  it.each<[string, object]>([
    ["an unknown verb", { action: { ...asks().action, verb: "admin" } }],
    ["an unknown stage", { stage: "soon" }],
    ["an unknown version", { v: 2 }],
    ["no facts", { facts: undefined }],
    ["no time", { at: "now" }],
    ["a tier that there is not", { principal: { ...asks().principal, tier: 4 } }],
    ["a tier that is no number", { principal: { ...asks().principal, tier: "3" } }],
    ["a stop that is no yes or no", { facts: { ...asks().facts, stopped: "false" } }],
    ["no word on a stop", { facts: { ...asks().facts, stopped: undefined } }],
    ["no word on review", { action: { ...asks().action, reviewed: undefined } }],
    [
      "no word on production",
      { action: { ...asks().action, verb: "execute" }, resource: { ...asks().resource, environment: {} } },
    ],
  ])("%s denies", (_, wrong) => {
    const input: ReturnType<typeof asks> = { ...asks(), ...wrong };
    expect(decide(input, policies).effect).toBe("deny");
  });
});

describe("observe mode", () => {
  const observed = { ...support, mode: "observe" } as const;

  it("a workflow that is observed is let through, and the decision says what would have been", async () => {
    const watching = await acme("", { workflows: [observed, rollout] });
    expect(decide(asks({ tool: "helpdesk.delete_ticket", verb: "execute" }), watching)).toMatchObject({
      effect: "allow",
      observed: "deny",
    });
    expect(decide(asks(refund), watching)).toMatchObject({ effect: "allow", observed: "require", requirements: [] });
    expect(decide(asks(), watching).observed).toBeUndefined();
    // What a permit obliges to holds where only the question is observed.
    const cut = { redact: [{ tool: refund.tool, label: "personal" }] } as const;
    const without = await acme("", { workflows: [{ ...observed, ...cut }, rollout] });
    const { obligations } = decide(asks(refund), without);
    expect(obligations).toMatchObject([{ kind: "redact", properties: { labels: ["personal"] } }]);
  });

  it("a stop and an unreviewed tool bite all the same, and so does an error", async () => {
    const watching = await acme(
      `@id("late") forbid (principal, action == Action::"helpdesk.draft_reply", resource) when { context.facts.counts["late"] > 3 };`,
      {
        windows: ["late"],
        workflows: [observed, rollout],
      },
    );
    expect(decide(asks({ facts: { stopped: true } }), watching)).toMatchObject({ effect: "deny" });
    expect(decide(asks({ tool: "helpdesk.send_reply", reviewed: false }), watching).effect).toBe("deny");
    expect(decide(asks({ tool: "helpdesk.draft_reply", verb: "propose" }), watching).effect).toBe("deny");
  });

  it("no other agent can set it by naming the workflow", async () => {
    const watching = await acme("", { workflows: [observed, rollout] });
    expect(decide(asks({ tool: "helpdesk.send_reply", principal: { agent: "deploy-bot" } }), watching).effect).toBe(
      "deny",
    );
  });

  it("ends when it was said to end", async () => {
    const watching = await acme("", { workflows: [{ ...observed, observeUntil: "2026-11-22T12:00:00Z" }, rollout] });
    expect(decide(asks({ ...refund, at: "2026-11-22T11:59:59.999Z" }), watching).effect).toBe("allow");
    expect(decide(asks({ ...refund, at: "2026-11-22T12:00:00.000Z" }), watching).effect).toBe("require");
  });

  it("a policy that is observed records and does not bite", async () => {
    const watching = await acme(
      `@id("no-search") @mode("observe") forbid (principal, action == Action::"helpdesk.search_tickets", resource);`,
    );
    const decision = decide(asks(), watching);
    expect(decision).toMatchObject({ effect: "allow", observed: "deny" });
    expect(decision.determining.map((one) => one.id)).toEqual(["support-replies/allow/helpdesk.search_tickets"]);
  });
});

describe("the record", () => {
  it("MT-113 names the rule with its text, digest and title", () => {
    const [rule] = decide(asks({ tool: "helpdesk.draft_reply", verb: "execute" }), policies).determining;
    expect(rule).toMatchObject({
      id: "tier-1-proposes",
      effect: "forbid",
      title: "tier 1 proposes and never executes",
    });
    expect(rule?.text).toContain(`action in Action::"execute"`);
    expect(rule?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("MT-13 a stored input replayed against its policies gives the same decision, byte for byte", () => {
    const inputs = [asks(), asks(refund), asks({ facts: { stopped: true } }), deploys(), deploys({ production: true })];
    for (const input of inputs) {
      let now = 0;
      const first = decide(input, policies, { tick: () => now++ });
      const stored = JSON.parse(JSON.stringify({ input, policies }));
      expect(decisionBytes(decide(stored.input, stored.policies))).toBe(decisionBytes(first));
      expect(first).toMatchObject({ micros: 1000, policySet: { revision: 7, digest: policies.digest } });
    }
  });

  it("digests the input", () => {
    const [one, other] = [decide(asks(), policies), decide(asks({ facts: { signals: ["freeze"] } }), policies)];
    expect(one.inputDigest).toMatch(/^sha256:/);
    expect(other.inputDigest).not.toBe(one.inputDigest);
  });
});
