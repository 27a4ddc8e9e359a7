import { isZone } from "../floor/local-time.ts";
import { guardrailId } from "./guardrail/to-cedar.ts";
import { everyMatch } from "./matched.ts";
import type { WorkflowRules } from "./rules.ts";

/** Names that the facts of a policy set hold, beside those that they always hold. */
export interface FactNames {
  readonly windows: readonly string[];
  readonly steps: readonly string[];
  readonly zones: readonly string[];
}

export function bothNames(one: FactNames, other: FactNames): FactNames {
  const both = (member: keyof FactNames) => [...new Set([...one[member], ...other[member]])].sort();
  return { windows: both("windows"), steps: both("steps"), zones: both("zones") };
}

/** What the guardrails of workflow files count, and the time zones that they or the organisation's own policies read. */
export function factNames(
  workflows: readonly Pick<WorkflowRules, "workflow" | "guardrails">[],
  own: readonly { readonly text: string }[],
  windows: readonly string[] = [],
): FactNames {
  const found = { windows: new Set(windows), steps: new Set<string>(), zones: new Set(["UTC"]) };
  for (const { workflow, guardrails = [] } of workflows) {
    for (const rule of guardrails) {
      if (rule.use === "call-limit" || rule.use === "object-limit") found.windows.add(guardrailId(workflow, rule.name));
      if (rule.use === "refund-limits") found.windows.add(guardrailId(workflow, rule.name, "day"));
      if (rule.use === "step-limit") found.steps.add(guardrailId(workflow, rule.name));
      if (rule.use === "freeze" || rule.use === "expires") found.zones.add(rule.zone);
      if ("hours" in rule) found.zones.add(rule.hours.zone);
    }
  }
  for (const { text } of own)
    for (const zone of new Set(everyMatch(/\blocal\["([^"\\]{1,64})"\]/g, text)))
      if (isZone(zone)) found.zones.add(zone);
  return { windows: [...found.windows].sort(), steps: [...found.steps].sort(), zones: [...found.zones].sort() };
}
