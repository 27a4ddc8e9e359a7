import type { DecisionInput } from "@countersign/contract";
import type { Scope } from "../workspace/index.ts";

/** More beginnings than this say nothing: then any target of the environments is in scope. */
const mostPrefixes = 8;

/** The environments and beginnings of targets that tools were used on, tools of the same scope together. */
export function scopesOf(work: readonly Pick<DecisionInput, "action" | "resource">[]): readonly Scope[] {
  const byTool = new Map<string, { environments: Set<string>; targets: Set<string> }>();
  for (const { action, resource } of work) {
    const used = byTool.get(action.tool) ?? { environments: new Set(), targets: new Set() };
    used.environments.add(resource.environment.name);
    used.targets.add(resource.target);
    byTool.set(action.tool, used);
  }
  const groups = new Map<string, { tools: string[]; environments: string[]; targets: readonly string[] }>();
  for (const [tool, used] of [...byTool].sort()) {
    const environments = [...used.environments].sort();
    const targets = prefixesOf([...used.targets]);
    const key = JSON.stringify([environments, targets]);
    const group = groups.get(key) ?? { tools: [], environments, targets };
    group.tools.push(tool);
    groups.set(key, group);
  }
  return [...groups.values()].map((group, at) => ({ name: at === 0 ? "within" : `within-${at + 1}`, ...group }));
}

/** Up to the last `/` that stands before anything that tells one target from another; none where a target has no such part. */
export function prefixesOf(targets: readonly string[]): readonly string[] {
  const prefixes = new Set(targets.map((target) => /^[^/]*\//.exec(target)?.[0] ?? ""));
  const found = [...prefixes].map((prefix) => common(targets.filter((target) => target.startsWith(prefix))));
  // Quotes, backslashes and stars mean something in a pattern.
  const isPlain = (prefix: string) => /^[ !#-)+-[\]-_a-~]+$/.test(prefix);
  return found.length > mostPrefixes || !found.every(isPlain) ? [] : found.sort();
}

function common(targets: readonly string[]): string {
  let prefix = targets[0] ?? "";
  for (const target of targets) while (!target.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}
