import { readFileSync } from "node:fs";
import type { CedarText } from "./policy.ts";

const files = ["base", "tier-0", "tier-1", "tier-2", "tier-3"];

/** The guardrails and tiers that ship with the product, as they can be read in `policies/`. */
export function shippedPolicies(): readonly CedarText[] {
  return files.map((name) => ({
    file: `${name}.cedar`,
    source: "shipped",
    text: readFileSync(new URL(`../../policies/${name}.cedar`, import.meta.url), "utf8"),
  }));
}
