import { readFileSync } from "node:fs";
import type { CedarText } from "./policy.ts";

const files = ["base", "tier-0", "tier-1", "tier-2", "tier-3", "flow", "undo"];

/** The guardrails and tiers that ship with the product, as they can be read in `policies/`. */
export function shippedPolicies(withoutFlow: readonly string[] = []): readonly CedarText[] {
  return files.map((name) => {
    const text = readFileSync(new URL(`../../policies/${name}.cedar`, import.meta.url), "utf8");
    return { file: `${name}.cedar`, source: "shipped", text: name === "flow" ? spared(text, withoutFlow) : text };
  });
}

/** The same policies, silent for some workflows. */
function spared(text: string, workflows: readonly string[]): string {
  if (workflows.length === 0) return text;
  const named = [...workflows].sort().map((workflow) => JSON.stringify(workflow));
  return text.replace(/\};$/gm, `}\nunless { [${named.join(", ")}].contains(principal.workflow) };`);
}
