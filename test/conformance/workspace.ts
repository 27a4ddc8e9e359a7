import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const agent = "visitor";
export const workflow = "conformance";
export const server = "fixture";
export const people = { ana: "ana@acme.example", bo: "bo@acme.example" } as const;

/** Tools that only tell; every other tool of the fixture counts as one with an effect, which is the longer way. */
const readers = new Set([
  "test_simple_text",
  "test_image_content",
  "test_audio_content",
  "test_embedded_resource",
  "test_multiple_content_types",
  "json_schema_2020_12_tool",
]);
const methods = ["mcp:resources/read", "mcp:resources/subscribe", "mcp:prompts/get", "mcp:completion/complete"];

export interface FixtureWorkspace {
  readonly url: string;
  readonly tools: readonly string[];
  /** Tools that nobody allows. */
  readonly withheld?: readonly string[];
  /** Tools that a person is asked about each time. */
  readonly asked?: readonly string[];
}

/** A whole workspace in which one agent may use everything that the fixture has, within the sandbox. */
export function writeFixtureWorkspace(
  folder: string,
  { url, tools, withheld = [], asked = [] }: FixtureWorkspace,
): void {
  const allowed = [...tools.filter((tool) => ![...withheld, ...asked].includes(tool)), ...methods];
  const files = {
    "countersign.yaml": organisation,
    [`workflows/${workflow}.yaml`]: workflowFile(allowed, asked),
    [`playbooks/${workflow}.md`]: "# Conformance\n\n1. Stop the run.\n2. Remove its folder.\n",
    [`tools/${server}.yaml`]: toolsFile(url, tools),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

// The suite calls more often in a minute than any agent of a real workspace should.
const organisation = `organisation: Conformance
people:
  - { email: ${people.ana}, name: Ana, roles: [dri, admin, approver], groups: [editors] }
  - { email: ${people.bo}, name: Bo, roles: [admin, operator, approver], groups: [editors] }
groups:
  editors: { purpose: approve what agents write }
agents:
  - { name: ${agent}, owner: ${people.ana}, purpose: calls everything that the suite calls }
environments:
  sandbox: { production: false }
  production: { production: true }
limits: { perMinute: 100000, perRun: 100000, perDay: 1000000 }
`;

const workflowFile = (tools: readonly string[], asked: readonly string[]): string => `workflow: ${workflow}
purpose: be judged by the suite of the protocol
dri: ${people.ana}
deputy: ${people.bo}
pattern: autonomous-nonprod
agents: [${agent}]
tier: 2
allow:
${tools.map((tool) => `  - ${server}.${tool}\n`).join("")}ask: [${asked.map((tool) => `{ tool: ${server}.${tool}, from: editors, count: 1, open: 4h, valid: 1h }`).join(", ")}]
block: []
logging: { capture: full, redact: [], keep: 30d }
budget: { run: 2 USD, day: 50 USD, alert: 80%, calls: { perMinute: 100000, perRun: 100000, perDay: 1000000 } }
escalation: [${people.bo} after 15m]
rollback: { playbook: playbooks/${workflow}.md, drill: every 30d }
flow: off
`;

const toolsFile = (url: string, tools: readonly string[]): string => `server: ${server}
transport: { kind: http, url: "${url}" }
environment: sandbox
transparent: true
tools:
${tools.map((tool) => ruleOf(tool, readers.has(tool))).join("")}methods:
${methods.map((method) => ruleOf(method, true)).join("")}`;

function ruleOf(name: string, reads: boolean): string {
  const verb = reads ? "read" : "execute";
  return `  ${name.includes(":") ? `"${name}"` : name}:
    { verb: ${verb}, environment: server, target: ${server}, reversal: { kind: none, reason: the fixture keeps nothing } }
`;
}
