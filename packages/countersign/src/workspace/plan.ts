import type { Change } from "./change.ts";
import { planOrganisation } from "./plan-organisation.ts";
import { planPolicyTests } from "./plan-policy-tests.ts";
import { planPolicies, planServers } from "./plan-tools.ts";
import { planWorkflows } from "./plan-workflow.ts";
import type { Workspace } from "./workspace.ts";

export type { Change } from "./change.ts";

/** What would change if the workspace were applied. Plain values: its JSON is itself. */
export interface Plan {
  /** Digest of what is in force; absent before the first time. */
  readonly from?: string;
  readonly to: string;
  readonly changes: readonly Change[];
  /** True where agents may do more afterwards, or it cannot be told here. */
  readonly needsCare: boolean;
}

/** Compares what is in force with what would be. Pure; empty only where both are the same to the byte. */
export function plan(before: Workspace | undefined, after: Workspace): Plan {
  const meaning = [
    ...planOrganisation(before, after),
    ...planWorkflows(before?.workflows ?? [], after.workflows),
    ...planServers(before?.toolsFiles ?? [], after.toolsFiles),
    ...planPolicies(policiesOf(before), policiesOf(after)),
    ...planPolicyTests(before?.tests ?? [], after.tests),
  ];
  const changes = meaning.length > 0 || before === undefined ? meaning : planTexts(before, after);
  return {
    ...(before === undefined ? {} : { from: before.digest }),
    to: after.digest,
    changes,
    needsCare: changes.some((change) => change.risk !== "none"),
  };
}

function policiesOf(workspace: Workspace | undefined): Workspace["policies"] {
  if (workspace === undefined) return [];
  return workspace.invariants === undefined ? workspace.policies : [...workspace.policies, workspace.invariants];
}

/** Comments, order and spaces: they mean nothing to the gate, and are still not what was applied. */
function planTexts(before: Workspace, after: Workspace): Change[] {
  return changedFiles(before.files, after.files).map((file) => ({
    mark: "~",
    kind: "file",
    name: file,
    sentence: "its text changes, its meaning does not",
    risk: "none",
  }));
}

type Digests = Workspace["files"];

function changedFiles(before: Digests, after: Digests): readonly string[] {
  const old = new Map(before.map(({ file, digest }) => [file, digest]));
  const now = new Map(after.map(({ file, digest }) => [file, digest]));
  return [...new Set([...old.keys(), ...now.keys()])].filter((file) => old.get(file) !== now.get(file)).sort();
}

export interface Drift {
  readonly drifted: boolean;
  readonly running: string;
  readonly files: string;
  /** The files that are not what was applied. */
  readonly changed: readonly string[];
}

/** Whether the files in the folder are still those in force. Works on digests, so also on files that are broken. */
export function drift(running: Pick<Workspace, "digest" | "files">, found: Pick<Workspace, "digest" | "files">): Drift {
  return {
    drifted: running.digest !== found.digest,
    running: running.digest,
    files: found.digest,
    changed: changedFiles(running.files, found.files),
  };
}

const signs = { wider: "!", unclear: "?", none: " " } as const;

/** One line for a terminal: `! ~ workflow docs: the tier rises from 1 to 2`. */
export function changeLine(change: Change): string {
  return `${signs[change.risk]} ${change.mark} ${change.kind} ${change.name}: ${change.sentence}`;
}
