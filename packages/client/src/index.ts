export {
  extendTrust,
  Flaw,
  type FoundFlaw,
  parseTrust,
  type Trust,
  type Verified,
  type VerifiedLog,
  verifyBundle,
  verifyLog,
} from "@countersign/contract";
export type { ActionFilter, SubmitOptions } from "./actions.ts";
export type {
  Action,
  ActionLine,
  ActionReceipt,
  Advice,
  Agent,
  Alert,
  AnswerBody,
  AnyReceipt,
  Applied,
  Approval,
  ApprovalLine,
  Catalog,
  Credential,
  DeedReceipt,
  ErasureMade,
  Files,
  Found,
  KeyShown,
  Me,
  Person,
  Planned,
  Policies,
  Preservation,
  Review,
  Run,
  SealingState,
  SecretLine,
  Stop,
  StopBody,
  StopReport,
  SubmitBody,
  TrustFile,
  Unknown,
  Waivers,
  WorkflowRow,
} from "./body.ts";
export { type ConnectOptions, type Countersign, connect } from "./client.ts";
export { guard, NotAllowed } from "./guard.ts";
export { type Followed, memoryPins, type PinStore } from "./pin.ts";
export { CountersignProblem, type Fault } from "./problem.ts";
export type { StreamEvent } from "./stream.ts";
