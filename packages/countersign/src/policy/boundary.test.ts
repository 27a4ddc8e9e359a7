import { readdirSync, readFileSync } from "node:fs";
import type { Tier, Verb } from "@countersign/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { acme, asks, rollout, sources, support, tools } from "./acme.fixture.ts";
import { tryCompile } from "./compile.ts";
import { decide } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";
import { shippedPolicies } from "./shipped.ts";
import { workflowToCedar } from "./workflow-to-cedar.ts";

const clause = (id: string): string => `unless { context.facts.cured.contains("${id}") }`;
/** What an organisation may try with policies of its own: harmless guardrails, and everything that could widen. */
const attempts: readonly string[] = [
  `@id("own") permit (principal, action, resource);`,
  `@id("own") permit (principal in Workflow::"support-replies", action == Action::"helpdesk.send_reply", resource);`,
  `@id("own") @mode("always") permit (principal == Agent::"support-bot", action == Action::"deploy.wipe", resource);`,
  `@id("stop") forbid (principal, action, resource) when { false };`,
  `@id("stop") @cure("wait") @until("2020-01-01T00:00:00Z") forbid (principal, action, resource) ${clause("stop")};`,
  `@id("unreviewed-tool") @mode("observe") forbid (principal, action, resource);`,
  `@id("own") @mode("always") forbid (principal, action, resource);`,
  `@id("own") @cure("approval") @from("nobody-there") @count("1") @open("4h") @valid("1h") @exclude("nobody") forbid (principal, action, resource) ${clause("own")};`,
  `@id("own") forbid (principal, action, resource) unless { context.facts.cured.contains("tier-3-fresh-check") };`,
  `@id("own") @cure("check") @check("plan") @age("1h") forbid (principal, action, resource) ${clause("own")};`,
  `@id("own") @mode("observe") forbid (principal, action, resource);`,
  `@id("own") forbid (principal, action == Action::"helpdesk.search_tickets", resource);`,
  `@id("own") forbid (principal, action, resource) when { principal.tier > 2 };`,
];

const rules = { support, rollout };
const workflows = fc.record({
  allow: fc.subarray(tools.map((tool) => tool.id)),
  irreversible: fc.boolean(),
  tier: fc.constantFrom<Tier>(0, 1, 2, 3),
  mode: fc.constantFrom("enforce" as const, "observe" as const),
});

const call = fc.record({
  tool: fc.constantFrom(...tools.map((tool) => tool.id)),
  verb: fc.constantFrom<Verb>("read", "propose", "execute"),
  tier: fc.integer({ min: -1, max: 5 }),
  production: fc.boolean(),
  reviewed: fc.boolean(),
  stopped: fc.boolean(),
  bot: fc.constantFrom("support-bot", "deploy-bot"),
});

/** Everything that the hard boundary forbids, whatever a workspace says: the policies that always bite. */
function beyond({ stopped, reviewed, tier }: { stopped: boolean; reviewed: boolean; tier: number }): boolean {
  return stopped || !reviewed || ![0, 1, 2, 3].includes(tier);
}

function questionOf(asked: {
  bot: string;
  tier: number;
  tool: string;
  verb: Verb;
  production: boolean;
  reviewed: boolean;
  stopped: boolean;
}) {
  const workflow = asked.bot === "deploy-bot" ? "rollout" : "support-replies";
  return asks({
    tool: asked.tool,
    verb: asked.verb,
    tier: asked.tier as Tier,
    production: asked.production,
    reviewed: asked.reviewed,
    principal: { agent: asked.bot, workflow },
    facts: { stopped: asked.stopped, reversal: "plan" },
  });
}

it("MT-112 no policy and no workflow of a workspace lets anything past the boundary that ships", async () => {
  const base = await acme();
  const severity = { allow: 0, require: 1, deny: 2 };
  const compiled: CompiledPolicies[] = [];
  let refused = 0;
  for (const own of attempts) {
    const found = await tryCompile(sources({ own: [{ file: "policies/own.cedar", text: own }] }));
    if (found.ok) compiled.push(found.policies);
    else refused++;
  }
  expect(refused).toBeGreaterThanOrEqual(8);
  expect(compiled.length).toBeGreaterThanOrEqual(3);
  let [past, denied] = [0, 0];
  fc.assert(
    fc.property(call, fc.constantFrom(...compiled), (asked, policies) => {
      const [with0, with1] = [decide(questionOf(asked), base), decide(questionOf(asked), policies)];
      // A policy of one's own only ever narrows.
      expect(severity[with1.effect]).toBeGreaterThanOrEqual(severity[with0.effect]);
      if (!beyond(asked)) {
        past += with0.effect === "allow" ? 1 : 0;
        return;
      }
      denied++;
      expect(with1.effect).toBe("deny");
    }),
    { numRuns: 2_000, seed: 112 },
  );
  // Both sides were met: calls within the boundary that are allowed, and calls beyond it.
  expect(past).toBeGreaterThan(20);
  expect(denied).toBeGreaterThan(500);
}, 60_000);

it("MT-112 the boundary holds whatever workflow files grant, also where they are only observed", async () => {
  const sets: CompiledPolicies[] = [];
  for (const one of fc.sample(workflows, { numRuns: 8, seed: 7 })) {
    const wide = (each: typeof support) => ({
      ...each,
      tier: one.tier,
      mode: one.mode,
      allow: one.allow,
      ask: [],
      block: [],
      checks: [],
      obligations: [],
      irreversible: one.irreversible ? one.allow : [],
    });
    const found = await tryCompile(sources({ workflows: [wide(rules.support), wide(rules.rollout)] }));
    if (found.ok) sets.push(found.policies);
  }
  expect(sets.length).toBe(8);
  let allowed = 0;
  fc.assert(
    fc.property(call, fc.constantFrom(...sets), (asked, policies) => {
      const { effect } = decide(questionOf(asked), policies);
      if (beyond(asked)) expect(effect).toBe("deny");
      else if (effect === "allow") allowed++;
    }),
    { numRuns: 2_000, seed: 112 },
  );
  expect(allowed).toBeGreaterThan(50);
}, 60_000);

it("MT-112 the boundary is seen to be open where its policies are missing", async () => {
  const whole = await acme("", { workflows: [{ ...support, allow: ["helpdesk.send_reply"], ask: [] }] });
  const open = { ...whole, policies: whole.policies.filter((policy) => policy.mode !== "always") };
  const asked = {
    bot: "support-bot",
    tier: 1,
    tool: "helpdesk.send_reply",
    verb: "read" as const,
    production: false,
    reviewed: true,
    stopped: true,
  };
  expect(decide(questionOf(asked), whole).effect).toBe("deny");
  expect(decide(questionOf(asked), open).effect).toBe("allow");
});

it("MT-112 what ships forbids only, and three of it bite always; nothing else can say so", async () => {
  const { policies } = await acme();
  const shipped = policies.filter((policy) => policy.source === "shipped");
  expect(shipped.every((policy) => policy.effect === "forbid")).toBe(true);
  expect(policies.filter((policy) => policy.mode === "always").map((policy) => policy.id)).toEqual([
    "known-tier",
    "stop",
    "unreviewed-tool",
  ]);
  const folder = new URL("../../policies/", import.meta.url);
  const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
  expect(
    shippedPolicies()
      .map((one) => one.text)
      .sort(),
  ).toEqual(texts.sort());
  expect(workflowToCedar({ ...support, mode: "observe" }).text).not.toContain("@mode");
});
