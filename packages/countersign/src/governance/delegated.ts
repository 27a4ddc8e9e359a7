import type { Plan, Workspace } from "../workspace/index.ts";

/** The one workflow that a plan changes, where it changes nothing else: whoever administers it may ask for that. */
export function delegatedTo({ changes }: Plan): string | undefined {
  const [first] = changes;
  const isOne = changes.every(({ kind, mark, name }) => kind === "workflow" && mark === "~" && name === first?.name);
  return isOne ? first?.name : undefined;
}

/** Whether no other file differs: also not in a comment. */
export function isOnlyFile(workflow: string, before: Workspace | undefined, after: Workspace): boolean {
  const old = new Map(before?.files.map(({ file, digest }) => [file, digest]));
  const now = new Map(after.files.map(({ file, digest }) => [file, digest]));
  return [...new Set([...old.keys(), ...now.keys()])].every(
    (file) => old.get(file) === now.get(file) || file === `workflows/${workflow}.yaml`,
  );
}

/**
 * The workflow whose administrators may sign a plan: of what changes nothing else, and lets nobody do more. Wider rules,
 * and who answers for the workflow, take an operator or admin of the whole.
 */
export function signableIn(plan: Plan): string | undefined {
  return plan.needsCare ? undefined : delegatedTo(plan);
}
