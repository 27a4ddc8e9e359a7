import type { DecisionInput, JsonObject } from "@countersign/contract";
import { canonical } from "@countersign/contract";
import { digestText } from "../packages/countersign/src/floor/digest.ts";
import { compile, type PolicySources } from "../packages/countersign/src/policy/compile.ts";
import { decide } from "../packages/countersign/src/policy/decide.ts";
import type { CompiledPolicies } from "../packages/countersign/src/policy/policy.ts";
import { serveParent } from "./child.ts";

/** The policy engine alone, as a process of its own. */
const toolsOfWorkflow = 4;
const policiesOfWorkflow = 10;

/** Workflows of ten policies each: what they allow, what they ask for, and guardrails that read arguments. */
export function sourcesOf(policies: number, changed = ""): PolicySources {
  const workflows = Array.from({ length: policies / policiesOfWorkflow }, (_, n) => n);
  const tool = (n: number, at: number): string => `desk${n}.tool${at}`;
  return {
    revision: 1,
    workflows: workflows.map((n) => ({
      file: `workflows/w${n}.yaml`,
      workflow: `w${n}`,
      agents: [`agent${n}`],
      tier: 2,
      allow: [tool(n, 0), tool(n, 1), tool(n, 2)],
      ask: [{ tool: tool(n, 3), from: "leads", count: 2 }],
      block: [],
    })),
    own: workflows.map((n) => ({
      file: `policies/w${n}.cedar`,
      text: Array.from({ length: policiesOfWorkflow - toolsOfWorkflow - 1 }, (_, at) => guardrail(n, at, changed)).join(
        "\n",
      ),
    })),
    tools: workflows.flatMap((n) =>
      Array.from({ length: toolsOfWorkflow }, (_, at) => ({ id: tool(n, at), inputSchema: inputSchema as JsonObject })),
    ),
    groups: ["leads"],
    checks: [],
  };
}

const inputSchema = {
  type: "object",
  properties: {
    amount: { type: "integer" },
    currency: { type: "string" },
    customer: {
      type: "object",
      properties: { id: { type: "string" }, tags: { type: "array", items: { type: "string" } } },
    },
    note: { type: "string" },
  },
};

function guardrail(n: number, at: number, changed: string): string {
  const limit = 1_000 + at + (n === 0 ? changed.length : 0);
  return `@id("w${n}-limit-${at}")
forbid (principal in Workflow::"w${n}", action == Action::"desk${n}.tool${at % toolsOfWorkflow}", resource)
when { context.args has amount && context.args.amount > ${limit} && !context.facts.signals.contains("wide-${at}") };`;
}

function inputOf(n: number): DecisionInput {
  const args = { amount: 20, currency: "EUR", customer: { id: `c-${n}`, tags: ["new", "eu"] }, note: "x".repeat(900) };
  const digest = `sha256:${"a".repeat(64)}`;
  return {
    v: 1,
    decisionId: "dec_00000000000000000000000000",
    at: "2026-11-22T12:00:00.000Z",
    stage: "call",
    principal: {
      agent: `agent${n}`,
      tier: 2,
      workflow: `w${n}`,
      dri: "ana@acme.example",
      owner: "ana@acme.example",
      groups: ["support", "eu"],
    },
    action: { tool: `desk${n}.tool1`, verb: "execute", definitionDigest: digest, reviewed: true },
    resource: {
      system: `desk${n}`,
      environment: { name: "staging", production: false },
      target: "desk",
      labels: ["internal"],
    },
    args,
    argsDigest: digest,
    callDigest: digest,
    facts: {
      cured: [],
      approvals: [],
      checks: ["schema", "secrets", "secret-reference"].map((name) => ({
        name,
        version: "1",
        verdict: "pass" as const,
        at: "2026-11-22T12:00:00.000Z",
        evidence: [],
        microseconds: 12,
        argsDigest: digest,
      })),
      signals: [],
      stopped: false,
      reversal: "plan",
      counts: {},
      flow: {
        effect: "reversible",
        brings: "internal",
        tainted: true,
        sources: [{ tool: `desk${n}.tool0`, action: "act_00000000000000000000000000" }],
        read: ["personal"],
        origins: ["task"],
        destinations: { "args.customer.id": "task" },
      },
    },
    run: { id: "run_bench", step: 3, tainted: false },
  };
}

let set: CompiledPolicies | undefined;

const micros = (from: number): number => (performance.now() - from) * 1000;

serveParent(
  {},
  {
    /** Seconds that it takes to compile a whole set of that many policies. */
    compile: async (policies: number) => {
      const from = performance.now();
      set = await compile(sourcesOf(policies));
      return { seconds: (performance.now() - from) / 1000, policies: set.policies.length };
    },
    /** The same, where one policy has changed since. */
    change: async ({ policies, changed }: { policies: number; changed: string }) => {
      const from = performance.now();
      set = await compile(sourcesOf(policies, changed));
      return (performance.now() - from) / 1000;
    },
    /** Microseconds of each decision, over all workflows in turn. */
    decide: async ({ policies, times }: { policies: number; times: number }) => {
      const inputs = Array.from({ length: Math.min(500, policies / policiesOfWorkflow) }, (_, n) => inputOf(n));
      const took: number[] = [];
      let allowed = 0;
      for (let i = 0; i < times; i++) {
        const input = { ...(inputs[i % inputs.length] as DecisionInput) };
        const from = performance.now();
        const { effect } = decide(input, set as CompiledPolicies);
        took.push(micros(from));
        if (effect === "allow") allowed++;
      }
      return { took, allowed, bytes: canonical(inputOf(0) as never).length };
    },
    /** Microseconds of each canonical form and digest of such an input. */
    digest: async (times: number) => {
      const took: number[] = [];
      for (let i = 0; i < times; i++) {
        const input = inputOf(i);
        const from = performance.now();
        digestText(canonical(input as never));
        took.push(micros(from));
      }
      return took;
    },
    close: async () => {},
  },
);
