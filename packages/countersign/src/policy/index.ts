export { askedWords } from "./asked.ts";
export { compile, type PolicySources, tryCompile } from "./compile.ts";

export { createCrossCheck } from "./cross-check.ts";

export { decide } from "./decide.ts";

export type { Evaluate } from "./evaluate.ts";
export type { Guardrail } from "./guardrail/guardrail.ts";
export { type LintFinding, lint } from "./lint.ts";
export { mayEver } from "./may-ever.ts";
export { type NeededWindow, type Needs, needsOf } from "./needs.ts";
export type { CompiledPolicies } from "./policy.ts";
export { replay } from "./replay.ts";
export type { WorkflowRules } from "./rules.ts";
export type { Slice } from "./slice.ts";
