import type { ToolsFile } from "../catalog/index.ts";
import type { Workflow } from "../workflows/index.ts";
import type { WrittenInvariant } from "./invariants.ts";
import type { Agent, Environment, Group, Organisation, Person } from "./organisation.ts";
import type { PolicyTests } from "./policy-tests.ts";

/** A whole workspace that has been checked: everything it names exists. */
export interface Workspace {
  /** `countersign.yaml` without its people, groups, agents and environments. */
  readonly organisation: Omit<Organisation, "people" | "groups" | "agents" | "environments">;
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
  /** Every agent with its workflow; one that has none may do nothing. */
  readonly agents: readonly Agent[];
  readonly environments: readonly Environment[];
  readonly workflows: readonly Workflow[];
  readonly toolsFiles: readonly ToolsFile[];
  readonly policies: readonly PolicyFile[];
  readonly invariants?: InvariantsText;
  /** What must be decided about calls, before any of this is put in force. */
  readonly tests: readonly PolicyTests[];
  readonly files: readonly { readonly file: string; readonly digest: string }[];
  /** `sha256:…` over all files. */
  readonly digest: string;
}

/** Checked for what may not stand in it; its meaning is the policy room's. */
export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** What must never be, as it is written; what it means is the policy room's. */
export interface InvariantsText extends PolicyFile {
  readonly list: readonly WrittenInvariant[];
}
