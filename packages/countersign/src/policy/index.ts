export { askedWords } from "./asked.ts";
export { compile, type PolicySources, tryCompile } from "./compile.ts";

export { createCrossCheck } from "./cross-check.ts";

export { decide } from "./decide.ts";

export type { Evaluate } from "./evaluate.ts";

export { mayEver } from "./may-ever.ts";
export type { CompiledPolicies, PolicyFault } from "./policy.ts";
export { type Comparison, compareSets } from "./prove/compare-sets.ts";
export type { Invariant } from "./prove/invariant.ts";
export { type Proof, prove } from "./prove/prove.ts";
export { readOwn, readShipped } from "./prove/read-invariants.ts";
export { requestSentence } from "./prove/request-sentence.ts";
export { Solver, type SolverCommand, solverCommands } from "./prove/solver.ts";
export type { WorkflowRules } from "./rules.ts";
export type { Slice } from "./slice.ts";
