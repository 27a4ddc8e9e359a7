import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PersonCaller } from "../../packages/countersign/src/identity/caller.ts";

/** The workspace that faults are tried on: one server, one agent, two workflows' worth of rules. */
export const server = "deeds";
export const agent = "robot";
export const workflow = "deeds-upkeep";

export interface WorkspaceOptions {
  readonly url: string;
  readonly calls?: { readonly perMinute?: number; readonly perRun?: number; readonly perDay?: number };
  readonly timeoutMs?: number;
  readonly approvals?: number;
  readonly open?: string;
  readonly exclude?: string;
  /** `approvals.breakGlass` of the organisation. */
  readonly breakGlass?: string;
  /** Whether a grant answers what `ask_put` is asked for. */
  readonly grants?: string;
  /** `ask` of the workflow, beside `ask_put`. */
  readonly ask?: string;
  readonly agents?: string;
  readonly environment?: string;
  /** `keep` of the workflow's logging; none where it is empty. */
  readonly keep?: string;
  /** `guardrails` of the workflow. */
  readonly guardrails?: string;
  /** `allow` of the workflow; `put`, `remove` and `look` where missing. */
  readonly allow?: string;
  /** `reach` of what puts; none where missing. */
  readonly reach?: string;
  /** What is kept under a marker is read before it is put anew. */
  readonly captures?: boolean;
  /** `policies/invariants.yaml`. */
  readonly invariants?: string;
  /** `policies/faults.cedar`. */
  readonly policies?: string;
}

const organisation = (agents: string, breakGlass?: string): string => `organisation: Faults
people:
  - { email: ana@acme.example, name: Ana, roles: [dri, admin, approver], groups: [editors] }
  - { email: bo@acme.example, name: Bo, roles: [admin, operator, approver], groups: [editors] }
  - { email: cy@acme.example, name: Cy, roles: [admin, operator, approver], groups: [editors] }
  - { email: di@acme.example, name: Di, roles: [viewer], groups: [] }
groups:
  editors: { purpose: approve what agents write }
agents:
${agents}
environments:
  sandbox: { production: false }
  production: { production: true }
${breakGlass === undefined ? "" : `approvals: { canaries: { share: 0% }, breakGlass: ${breakGlass} }\n`}`;

const robotLine = `  - { name: ${agent}, owner: cy@acme.example, purpose: does what tests ask }`;

function workflowFile(options: WorkspaceOptions): string {
  const limits = Object.entries(options.calls ?? { perMinute: 1_000_000 })
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
  return `workflow: ${workflow}
purpose: be crashed
dri: ana@acme.example
deputy: bo@acme.example
pattern: autonomous-nonprod
agents: [${agent}]
tier: 2
allow: [${options.allow ?? `${server}.put, ${server}.remove, ${server}.look`}]
ask:
  - { tool: ${server}.ask_put, from: editors, count: ${options.approvals ?? 1}, open: ${options.open ?? "4h"}, valid: 1h, exclude: [${options.exclude ?? "requester"}], grants: ${options.grants ?? "false"} }${options.ask === undefined ? "" : `\n  - ${options.ask}`}
block: []
guardrails: [${options.guardrails ?? ""}]
logging: { capture: full, redact: []${options.keep === "" ? "" : `, keep: ${options.keep ?? "400d"}`} }
budget: { run: 2 USD, day: 50 USD, alert: 80%, calls: { ${limits} } }
escalation: [bo@acme.example after 15m]
rollback: { playbook: playbooks/deeds.md, drill: every 30d }
flow: off
`;
}

const deed = (options: WorkspaceOptions): string => `    verb: execute
    environment: server
    target: "{{args.marker}}"
    idempotencyArgument: action${options.reach === undefined ? "" : `\n    reach: ${options.reach}`}
    reversal:
      kind: inverse${options.captures === true ? `\n      capture: { tool: look, args: { marker: "{{args.marker}}" } }` : ""}
      undo: { tool: remove, args: { marker: "{{args.marker}}" } }
      sentence: forgets what was kept
    reconcile:
      tool: look
      args: { marker: "{{args.marker}}" }
      doneWhen: { kind: equals, at: structuredContent.state, value: there }
      failedWhen: { kind: equals, at: structuredContent.state, value: absent }
`;

const tools = (options: WorkspaceOptions): string => `server: ${server}
transport: { kind: http, url: "${options.url}" }
environment: ${options.environment ?? "sandbox"}
limits: { timeoutMs: ${options.timeoutMs ?? 2000} }
tools:
  put:
${deed(options)}  ask_put:
${deed(options)}  remove:
    verb: execute
    environment: server
    target: "{{args.marker}}"
    idempotencyArgument: action
    reversal: { kind: none, reason: nothing brings it back }
  look:
    verb: read
    environment: server
    target: "{{args.marker}}"
`;

export function workspaceFiles(options: WorkspaceOptions): { readonly [path: string]: string } {
  return {
    "countersign.yaml": organisation(options.agents ?? robotLine, options.breakGlass),
    [`workflows/${workflow}.yaml`]: workflowFile(options),
    "playbooks/deeds.md": "# Deeds\n\n1. Stop the agent.\n2. Look what is kept.\n",
    [`tools/${server}.yaml`]: tools(options),
    ...(options.policies === undefined ? {} : { "policies/faults.cedar": options.policies }),
    ...(options.invariants === undefined ? {} : { "policies/invariants.yaml": options.invariants }),
  };
}

export function writeWorkspace(folder: string, options: WorkspaceOptions): void {
  for (const [path, words] of Object.entries(workspaceFiles(options))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), words);
  }
}

function person(name: string, roles: PersonCaller["roles"], groups: readonly string[]): PersonCaller {
  const email = `${name.toLowerCase()}@acme.example`;
  return { kind: "person", email, name, roles, groups, credential: `test-${name}`, method: "cli" };
}

export const ana = person("Ana", ["dri", "admin", "approver"], ["editors"]);
export const bo = person("Bo", ["admin", "operator", "approver"], ["editors"]);
export const cy = person("Cy", ["admin", "operator", "approver"], ["editors"]);
export const di = person("Di", ["viewer"], []);
