import type { Tier, Verb } from "@countersign/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { acme, at, check, sources } from "./acme.fixture.ts";
import { decide, decisionBytes, outcomeFor } from "./decide.ts";
import { answerOf, type Explored, explore, exploredInput } from "./explore.ts";
import { runTrial } from "./trial/run-cases.ts";

const forbid = (id: string, rest: string, more = ""): string =>
  `@id("${id}") ${more}\nforbid (principal, action, resource) ${rest};`;
const asks = (id: string, condition: string): string =>
  `@id("${id}") @cure("approval") @from("support-leads") @count("1") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action, resource) when { ${condition} } unless { context.facts.cured.contains("${id}") };`;

/** Guardrails that look at who asks and where, and such that look at the call. */
const sets = [
  "",
  forbid("low-tier", "when { principal.tier < 2 && resource.environment.production }"),
  asks("prod-asks", "resource.environment.production"),
  `@id("big") forbid (principal, action == Action::"helpdesk.draft_refund", resource) when { context.args has amount && context.args.amount > 500 };`,
  asks("tainted-asks", "context.run.tainted && principal.tier >= 1"),
  [
    forbid("labelled", 'when { resource.labels.contains("pii") || resource.target like "vip*" }'),
    asks("reads-ask", 'context.tool.verb == "read"'),
    forbid("signalled", 'unless { !context.facts.signals.contains("freeze") }'),
  ].join("\n"),
];
const tools = [
  "helpdesk.search_tickets",
  "helpdesk.draft_refund",
  "helpdesk.delete_ticket",
  "helpdesk.send_reply",
  "deploy.apply",
  "deploy.wipe",
  "nobody.knows",
];

const pair = fc.record({
  who: fc.constantFrom(
    ["support-bot", "support-replies"],
    ["deploy-bot", "rollout"],
    ["spare-bot", "rollout"],
    ["support-bot", "rollout"],
  ),
  tool: fc.constantFrom(...tools),
  verb: fc.constantFrom<Verb>("read", "propose", "execute"),
  tier: fc.constantFrom<Tier>(0, 1, 2, 3),
  production: fc.boolean(),
  reversal: fc.constantFrom("plan" as const, "irreversible" as const, "none" as const),
  reviewed: fc.boolean(),
});
/** What the explorer does not know of a call. */
const call = fc.record({
  amount: fc.constantFrom(0, 500, 501, 9_999),
  tainted: fc.boolean(),
  labels: fc.constantFrom([], ["pii"], ["other"]),
  target: fc.constantFrom("ticket/1", "vip/2"),
  signals: fc.constantFrom([], ["freeze"]),
  onBehalfOf: fc.option(fc.constant("lea@acme.example"), { nil: undefined }),
});

const severity = { allow: 0, require: 1, deny: 2 };

it("MT-30 the explorer's answer is the engine's, on random pairs of agents and tools and on random calls of them", async () => {
  const [compiled, kinds] = [
    await Promise.all(sets.map((own) => acme(own, { checks: ["plan", "secrets"] }))),
    new Map<string, number>(),
  ];
  let [exact, open, unlike] = [0, 0, 0];
  fc.assert(
    fc.property(
      fc.constantFrom(...compiled),
      pair,
      fc.array(call, { minLength: 1, maxLength: 6 }),
      (policies, asked, calls) => {
        const explored: Explored = {
          agent: asked.who[0] ?? "",
          workflow: asked.who[1] ?? "",
          tier: asked.tier,
          dri: "ana@acme.example",
          owner: "olu@acme.example",
          tool: asked.tool,
          verb: asked.verb,
          system: "helpdesk",
          environment: { name: asked.production ? "live" : "sandbox", production: asked.production },
          reversal: asked.reversal,
          reviewed: asked.reviewed,
          definitionDigest: `sha256:${"d".repeat(64)}`,
          checks: ["plan", "secrets"],
          at,
        };
        const permission = explore(policies, explored);
        const answer = answerOf(permission);
        kinds.set(answer, (kinds.get(answer) ?? 0) + 1);
        const base = exploredInput(explored);
        for (const { amount, tainted, labels, target, signals, onBehalfOf } of calls) {
          const engine = decide(
            {
              ...base,
              principal: { ...base.principal, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) },
              resource: { ...base.resource, labels, target },
              args: { amount },
              facts: {
                ...base.facts,
                signals,
                checks: ["plan", "secrets"].map((name) => check(name, { argsDigest: base.argsDigest })),
              },
              run: { ...base.run, tainted },
            },
            policies,
          );
          const [low, is, high] = [permission.most.effect, engine.effect, permission.least.effect];
          expect(severity[low]).toBeLessThanOrEqual(severity[is]);
          expect(severity[is]).toBeLessThanOrEqual(severity[high]);
          if (answer !== "depends") {
            exact++;
            expect(answer).toBe(engine.effect);
            if (permission.depends.length === 0) {
              expect(permission.most.determining).toEqual(engine.determining);
              expect(permission.most.requirements).toEqual(engine.requirements);
            }
          } else {
            open++;
            if (engine.effect !== permission.least.effect) unlike++;
          }
        }
      },
    ),
    { numRuns: 1_500, seed: 30 },
  );
  expect([...kinds.keys()].sort()).toEqual(["allow", "deny", "depends", "require"]);
  expect(exact).toBeGreaterThan(1_000);
  // An explorer that always gave the stricter answer would have been found out.
  expect(open).toBeGreaterThan(50);
  expect(unlike).toBeGreaterThan(10);
});

it("an outcome is what `decide` says", async () => {
  const policies = await acme(sets.at(-1));
  const input = exploredInput({
    agent: "support-bot",
    workflow: "support-replies",
    tier: 1,
    dri: "ana@acme.example",
    owner: "olu@acme.example",
    tool: "helpdesk.search_tickets",
    verb: "read",
    system: "helpdesk",
    environment: { name: "sandbox", production: false },
    reversal: "none",
    reviewed: true,
    definitionDigest: `sha256:${"d".repeat(64)}`,
    checks: [],
    at,
  });
  const decision = decide(input, policies);
  expect(decisionBytes({ ...decision, ...outcomeFor(input, policies) })).toBe(decisionBytes(decision));
});

it("counts neither coverage nor faults where there is no case", async () => {
  const policies = await acme(sets[1]);
  const world = {
    agent: () => undefined,
    workflow: () => undefined,
    tierOf: () => 0 as const,
    place: () => undefined,
    environment: () => undefined,
    capacities: () => undefined,
    checks: sources().checks ?? [],
    known: { agents: [], workflows: [], tools: [], environments: [], people: [] },
  };
  const report = await runTrial([], world, policies, (policy) => policy.source === "own");
  expect(report.mutation).toMatchObject({ killed: 0 });
  expect(report.mutation.mutants).toBeGreaterThan(4);
  expect(report.mutation.survivors.map((one) => one.fault)).toContain(
    "turns principal.tier < 2 into principal.tier <= 2",
  );
  expect(report.coverage.every((one) => !one.covered)).toBe(true);
});
