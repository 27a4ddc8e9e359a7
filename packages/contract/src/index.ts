export type { ActionView, Checked, ReversalPlan } from "./action.ts";
export { canonical, maxJsonDepth } from "./canonical.ts";
export type {
  ApprovalFact,
  CheckFact,
  Decision,
  DecisionInput,
  Facts,
  Obligation,
  Requirement,
  Stage,
  Tier,
  Verb,
} from "./decision.ts";
export { type EntryKind, entryKinds, type Leaf } from "./entry.ts";
export type { Json, JsonObject } from "./json.ts";
export { JsonFault, type JsonFaultReason } from "./json-fault.ts";
export { type ParseLimits, parseJson } from "./parse.ts";
export { exits, type ProblemBody, type ProblemCode, problems } from "./problems.ts";
export { mayMove, moves, openStates, type Refusal, type State, states } from "./state.ts";
