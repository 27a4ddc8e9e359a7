import type { DecisionInput } from "@countersign/contract";

/**
 * An input from before `beyond` was gathered, as it would be asked today: nobody can tell any more which records its run
 * had read, so none of them counts as named by the task. The input itself where it has all that is asked.
 */
export function ofToday(input: DecisionInput): DecisionInput {
  const { flow } = input.facts;
  if (flow?.read === undefined || flow.beyond !== undefined) return input;
  const beyond =
    flow.effect === "egress" ? flow.read.filter((label) => label === "personal" || label === "secret") : [];
  return { ...input, facts: { ...input.facts, flow: { ...flow, beyond } } };
}
