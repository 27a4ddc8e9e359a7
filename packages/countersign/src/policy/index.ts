export { askedWords } from "./asked.ts";
export { checkTexts } from "./check-texts.ts";
export { compile, type PolicySources, tryCompile } from "./compile.ts";

export { createCrossCheck } from "./cross-check.ts";
export { decide, outcomeFor } from "./decide.ts";
export type { Evaluate } from "./evaluate.ts";
export { answerOf, explore } from "./explore.ts";
export { mayEver } from "./may-ever.ts";
export { nearestId } from "./nearest-id.ts";
export type { CompiledPolicies, PolicyFault } from "./policy.ts";

export type { WorkflowRules } from "./rules.ts";
export type { Slice } from "./slice.ts";
export type { Case, TrialWorld } from "./trial/case.ts";
export { type OutcomeChange, outcomeChange } from "./trial/change.ts";
export { differingMembers } from "./trial/differing-members.ts";
export { explainInput, type NearMiss } from "./trial/explain-input.ts";
export { inputOf } from "./trial/input-of.ts";
export { runCases, runTrial, type TrialReport } from "./trial/run-cases.ts";
