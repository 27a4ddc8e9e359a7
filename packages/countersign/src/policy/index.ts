export { askedWords } from "./asked.ts";
export { compile, type PolicySources, tryCompile } from "./compile.ts";

export { createCrossCheck } from "./cross-check.ts";

export { decide } from "./decide.ts";

export type { Evaluate } from "./evaluate.ts";

export { mayEver } from "./may-ever.ts";
export type { CompiledPolicies } from "./policy.ts";

export type { WorkflowRules } from "./rules.ts";
export type { Slice } from "./slice.ts";

export { vetoQuestion, vetoQuestionDigest } from "./veto.ts";
