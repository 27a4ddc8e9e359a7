import type { ApprovalFact, CheckFact, DecisionInput, JsonObject } from "@countersign/contract";
import { compile, type PolicySources } from "./compile.ts";
import type { CompiledPolicies, ToolShape } from "./policy.ts";
import type { WorkflowRules } from "./rules.ts";

/** The organisation that this room's tests decide for. */
export const support: WorkflowRules = {
  file: "workflows/support-replies.yaml",
  workflow: "support-replies",
  agents: ["support-bot"],
  tier: 1,
  allow: ["helpdesk.search_tickets", "helpdesk.draft_reply"],
  ask: [{ tool: "helpdesk.draft_refund", from: "support-leads", count: 2, exclude: ["requester", "owner"] }],
  block: ["helpdesk.delete_ticket"],
};

export const rollout: WorkflowRules = {
  file: "workflows/rollout.yaml",
  workflow: "rollout",
  agents: ["deploy-bot", "spare-bot"],
  tier: 3,
  allow: ["deploy.apply", "deploy.wipe", "deploy.status"],
  ask: [],
  block: [],
  irreversible: ["deploy.wipe"],
  checks: [{ name: "plan", tools: ["deploy.apply"] }],
  obligations: [{ kind: "redact", properties: ["secret"] }],
};

const object = (properties: JsonObject): JsonObject => ({ type: "object", properties });

export const tools: readonly ToolShape[] = [
  { id: "helpdesk.search_tickets", inputSchema: object({ query: { type: "string" } }) },
  { id: "helpdesk.draft_reply", inputSchema: object({ body: { type: "string" } }) },
  { id: "helpdesk.send_reply", inputSchema: object({ body: { type: "string" } }) },
  { id: "helpdesk.delete_ticket", inputSchema: object({}) },
  {
    id: "helpdesk.draft_refund",
    inputSchema: object({
      amount: { type: "integer" },
      rate: { type: "number" },
      note: { anyOf: [{ type: "string" }, { type: "null" }] },
      to: { type: "array", items: { type: "string" } },
      customer: object({ id: { type: "string" }, vip: { type: "boolean" } }),
      anything: {},
    }),
  },
  { id: "deploy.apply", inputSchema: object({ environment: { type: "string" } }) },
  { id: "deploy.wipe", inputSchema: object({}) },
  { id: "deploy.status", inputSchema: object({}) },
];

export function sources(more: Partial<PolicySources> = {}): PolicySources {
  return {
    revision: 7,
    workflows: [support, rollout],
    own: [],
    tools,
    groups: ["support-leads", "sre"],
    checks: ["plan", "secrets"],
    ...more,
  };
}

export function acme(own = "", more: Partial<PolicySources> = {}): Promise<CompiledPolicies> {
  return compile(sources({ own: own === "" ? [] : [{ file: "policies/own.cedar", text: own }], ...more }));
}

export const at = "2026-11-22T12:00:00.000Z";
export const argsDigest = `sha256:${"a".repeat(64)}`;
export const callDigest = `sha256:${"c".repeat(64)}`;

interface Asked {
  readonly tool?: string;
  readonly verb?: DecisionInput["action"]["verb"];
  readonly tier?: 0 | 1 | 2 | 3;
  readonly production?: boolean;
  readonly reviewed?: boolean;
  readonly principal?: Partial<DecisionInput["principal"]>;
  readonly args?: JsonObject;
  readonly facts?: Partial<DecisionInput["facts"]>;
  readonly at?: string;
}

export function asks(asked: Asked = {}): DecisionInput {
  const { tool = "helpdesk.search_tickets", verb = "read", production = false, reviewed = true } = asked;
  return {
    v: 1,
    decisionId: "dec_00000000000000000000000000",
    at: asked.at ?? at,
    stage: "call",
    principal: {
      agent: "support-bot",
      tier: asked.tier ?? 1,
      workflow: "support-replies",
      dri: "ana@acme.example",
      owner: "olu@acme.example",
      groups: [],
      ...asked.principal,
    },
    action: { tool, verb, definitionDigest: `sha256:${"d".repeat(64)}`, reviewed },
    resource: {
      system: "helpdesk",
      environment: { name: production ? "live" : "sandbox", production },
      target: "ticket/1",
      labels: [],
    },
    args: asked.args ?? {},
    argsDigest,
    callDigest,
    facts: {
      cured: [],
      approvals: [],
      checks: [],
      signals: [],
      stopped: false,
      reversal: "none",
      counts: {},
      flow: {
        effect: verb === "read" ? "read" : "irreversible",
        brings: "internal",
        tainted: false,
        sources: [],
        read: [],
        origins: ["task"],
      },
      ...asked.facts,
    },
    run: { id: "run_00000000000000000000000000", step: 1, tainted: false },
  };
}

/** Asks as the deploying agent. */
export function deploys(asked: Asked = {}): DecisionInput {
  const principal = { agent: "deploy-bot", workflow: "rollout", ...asked.principal };
  return asks({ tool: "deploy.apply", verb: "execute", tier: 3, ...asked, principal });
}

export function check(name: string, more: Partial<CheckFact> = {}): CheckFact {
  const at = "2026-11-22T11:59:00.000Z";
  return { name, version: "v1", verdict: "pass", at, evidence: [], microseconds: 5, argsDigest, ...more };
}

export function approval(policies: CompiledPolicies, policy: string, more: Partial<ApprovalFact> = {}): ApprovalFact {
  const asking = policies.policies.find((one) => one.id === policy);
  return {
    policy,
    policyDigest: asking?.digest ?? "",
    person: "lea@acme.example",
    groups: ["support-leads"],
    at: "2026-11-22T11:50:00.000Z",
    callDigest,
    ...more,
  };
}
