import { stringify } from "yaml";
import { workspacePlaceholder } from "../../catalog/index.ts";
import type { WorkspaceFiles } from "../../workspace/index.ts";

export interface FirstWorkflow {
  readonly organisation: string;
  readonly workflow: string;
  readonly purpose: string;
  readonly owner: string;
  /** A second person; without one, the organisation is stated to be one person. */
  readonly approver?: string;
  readonly agent: string;
  readonly allow: readonly string[];
  readonly ask: readonly string[];
  readonly block: readonly string[];
  /** What a server for files may touch; absent where the workspace has servers of its own. */
  readonly folder?: string;
}

const approvers = "approvers";

/** The files of a workspace with one workflow. */
export function workspaceFiles(first: FirstWorkflow): WorkspaceFiles {
  return {
    "countersign.yaml": yaml(organisation(first)),
    [`workflows/${first.workflow}.yaml`]: yaml(workflow(first)),
    ...(first.folder === undefined ? {} : { "tools/files.yaml": yaml(fileServer(first.folder)) }),
  };
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function organisation({ organisation, owner, approver, agent }: FirstWorkflow): object {
  const roles = ["dri", "admin", "operator", "approver"];
  const person = (email: string) => ({ email, name: email.split("@")[0] ?? email, roles, groups: [approvers] });
  return {
    organisation,
    ...(approver === undefined ? { singlePerson: true } : {}),
    people: [person(owner), ...(approver === undefined ? [] : [person(approver)])],
    groups: { [approvers]: { purpose: "approve what agents ask for" } },
    agents: [{ name: agent, owner }],
    environments: { sandbox: { production: false }, production: { production: true } },
    server: { publicUrl: "http://localhost:4600", listen: "127.0.0.1:4600" },
  };
}

function workflow({ workflow, purpose, owner, approver, agent, allow, ask, block }: FirstWorkflow): object {
  return {
    workflow,
    purpose,
    dri: owner,
    ...(approver === undefined ? {} : { deputy: approver }),
    pattern: "guardrailed",
    agents: [agent],
    // Asked for; what is in force begins at 0 and is earned, or waived by two people.
    tier: 2,
    allow,
    ask: ask.map((tool) => ({ tool, from: approvers, open: "4h", valid: "1h" })),
    block,
    budget: { calls: { perMinute: 60, perRun: 200, perDay: 2000 } },
    escalation: [`${owner} after 30m`],
  };
}

function fileServer(folder: string): object {
  const path = `${workspacePlaceholder}/${folder}`;
  return {
    server: "files",
    transport: {
      kind: "package",
      package: "@modelcontextprotocol/server-filesystem",
      version: "2026.8.31",
      args: [path],
    },
    pack: "filesystem@1",
    environment: "sandbox",
    roots: [{ path, environment: "sandbox" }],
  };
}
