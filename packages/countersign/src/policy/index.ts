export { askedWords } from "./asked.ts";
export { checkTexts } from "./check-texts.ts";
export { compile, type PolicySources, tryCompile } from "./compile.ts";

export { createCrossCheck } from "./cross-check.ts";

export { excluded } from "./cure.ts";
export { decide, outcomeFor } from "./decide.ts";
export type { Evaluate } from "./evaluate.ts";
export { answerOf, explore } from "./explore.ts";
export type { Guardrail } from "./guardrail/guardrail.ts";
export { type LintFinding, lint } from "./lint.ts";
export { mayEver } from "./may-ever.ts";
export { nearestId } from "./nearest-id.ts";
export { type NeededWindow, type Needs, needsOf, readsFlow } from "./needs.ts";
export type { CompiledPolicies, PolicyFault } from "./policy.ts";
export { type Comparison, compareSets } from "./prove/compare-sets.ts";
export type { Invariant } from "./prove/invariant.ts";
export { type Proof, prove } from "./prove/prove.ts";
export { readOwn, readShipped } from "./prove/read-invariants.ts";
export { requestSentence } from "./prove/request-sentence.ts";
export { Solver, type SolverCommand, solverCommands } from "./prove/solver.ts";
export { tally } from "./quorum.ts";
export { replay } from "./replay.ts";
export type { CapRule, WorkflowRules } from "./rules.ts";
export type { Slice } from "./slice.ts";
export type { Case, TrialWorld } from "./trial/case.ts";
export { type OutcomeChange, outcomeChange } from "./trial/change.ts";
export { differingMembers } from "./trial/differing-members.ts";
export { explainInput, type NearMiss } from "./trial/explain-input.ts";
export { inputOf } from "./trial/input-of.ts";
export { runCases, runTrial, type TrialReport } from "./trial/run-cases.ts";

export { vetoQuestion, vetoQuestionDigest } from "./veto.ts";
