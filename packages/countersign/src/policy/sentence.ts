import type { DecisionInput } from "@countersign/contract";
import { flowReason } from "./flow-sentence.ts";
import type { Judgement } from "./judge.ts";

/** What an agent is told: what was decided, by which rule, who can change it, and what to do now. */
export function sentenceFor(judgement: Judgement, input: DecisionInput): string {
  const { tool } = input.action;
  const { dri, workflow } = input.principal;
  const rules = judgement.determining
    .map((policy) => `\`${policy.id}\`${policy.title === undefined ? "" : ` (${policy.title})`}`)
    .join(", ");
  switch (judgement.why) {
    case "permitted":
      return `allowed by ${rules}`;
    case "cures": {
      const needs = judgement.requirements
        .map((requirement) => `${requirement.sentence} (rule \`${requirement.policy}\`)`)
        .join("; and ");
      return `held: \`${tool}\` needs ${needs}${flowReason(
        judgement.requirements.map(({ policy }) => policy),
        input,
      )}. It runs by itself once that is there; do not send it again`;
    }
    case "forbidden":
      return `refused by ${rules}. Sending it again changes nothing; do it another way, or ask \`${dri}\`, who answers for workflow \`${workflow}\``;
    case "impossible":
      return `refused by ${rules}: ${judgement.sentence ?? "a check did not pass"}. Change the call so that the check passes, or ask \`${dri}\``;
    case "nothing permits":
      return `refused: no rule of workflow \`${workflow}\` allows \`${tool}\` to this agent. Use another tool, or ask \`${dri}\` to add it to the workflow`;
    case "errors":
    case "obligation":
      return `refused: the rules could not be evaluated for this call, and what cannot be decided is denied. Ask \`${dri}\`, who answers for workflow \`${workflow}\``;
  }
}
