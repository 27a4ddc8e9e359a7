import type { Files } from "@countersign/client";

/** What was written over the files in force; null takes a file away. */
export type Edits = { readonly [file: string]: string | null };

export function filesOf(inForce: Files, edits: Edits): Files {
  const all = Object.entries({ ...inForce, ...edits });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Files that are not as in force. */
export function changedOf(inForce: Files, edits: Edits): readonly string[] {
  return Object.keys(edits)
    .filter((file) => (edits[file] ?? undefined) !== inForce[file])
    .sort();
}

/** Why a name cannot be a new file of a workspace; undefined where it can. */
export function nameFault(name: string, files: Files): string | undefined {
  if (Object.hasOwn(files, name)) return `${name} is there already: choose it above`;
  return /^(workflows|tools|policies|suites|playbooks)\/[a-z0-9][a-z0-9._-]{0,80}$/.test(name)
    ? undefined
    : "a file lies in workflows, tools, policies, suites or playbooks, such as policies/night.cedar";
}
