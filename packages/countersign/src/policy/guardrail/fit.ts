import type { ArgumentTypes } from "../argument-types.ts";
import type { WorkflowRules } from "../rules.ts";
import { argumentFaults } from "./faults.ts";

type Tools = { readonly [tool: string]: ArgumentTypes };

/**
 * Rules whose guardrails fit the tools as they are reviewed now. A tool whose reviewed arguments do not show what a
 * guardrail reads is refused until they do: it loses the guardrail's reading, never its protection.
 */
export function fitGuardrails(rules: WorkflowRules, tools: Tools): WorkflowRules {
  const waiting: { name: string; tool: string }[] = [];
  const guardrails = (rules.guardrails ?? []).flatMap((rule) => {
    const unfit = rule.tools.filter((tool) => [...argumentFaults(rule, tool, tools)].length > 0);
    if (unfit.length === 0) return [rule];
    for (const tool of unfit) waiting.push({ name: rule.name, tool });
    const fit = rule.tools.filter((tool) => !unfit.includes(tool));
    return fit.length === 0 ? [] : [{ ...rule, tools: fit }];
  });
  return waiting.length === 0 ? rules : { ...rules, guardrails, waiting };
}
