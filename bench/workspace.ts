import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the bench's agent may do, at one upstream server. */
export const server = "notes";
export const agent = "runner";
export const workflow = "bench";

const organisation = `organisation: Bench
people:
  - { email: ana@acme.example, name: Ana, roles: [dri, admin, approver], groups: [editors] }
  - { email: bo@acme.example, name: Bo, roles: [admin, operator, approver], groups: [editors] }
groups:
  editors: { purpose: approve what agents publish }
agents:
  - { name: ${agent}, owner: ana@acme.example, purpose: calls as often as it can }
environments:
  sandbox: { production: false }
  production: { production: true }
`;

const bench = `workflow: ${workflow}
purpose: measure the gate
dri: ana@acme.example
deputy: bo@acme.example
pattern: autonomous-nonprod
agents: [${agent}]
tier: 2
allow: [${server}.read_note, ${server}.write_note]
ask:
  - { tool: ${server}.publish_note, from: editors, count: 1, open: 4h, valid: 1h, exclude: [requester] }
block: []
logging: { capture: full, redact: [], keep: 400d }
budget: { run: 2 USD, day: 50 USD, alert: 80% }
escalation: [bo@acme.example after 15m]
rollback: { playbook: playbooks/bench.md, drill: every 30d }
# Nobody opens its runs, and nothing undoes its writes: each of them would wait for a person.
flow: off
`;

const playbook = `# Bench

1. Stop the bench.
2. Remove its folder.
`;

const tools = (url: string): string => `server: ${server}
transport: { kind: http, url: "${url}" }
environment: sandbox
tools:
  read_note:
    verb: read
    environment: server
    target: "{{args.path}}"
  write_note:
    verb: execute
    environment: server
    target: "{{args.path}}"
    reversal: { kind: none, reason: the bench keeps nothing }
  publish_note:
    verb: execute
    environment: server
    target: "{{args.path}}"
    reversal: { kind: none, reason: the bench keeps nothing }
`;

/** Writes a whole workspace whose one server answers at `url`. */
export function writeWorkspace(folder: string, url: string): void {
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  put("countersign.yaml", organisation);
  put(`workflows/${workflow}.yaml`, bench);
  put("playbooks/bench.md", playbook);
  put(`tools/${server}.yaml`, tools(url));
}
