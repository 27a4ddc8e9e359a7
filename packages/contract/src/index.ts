export type { ActionView, Checked, EditLink, Question, ReversalPlan, TextEdits, UndoLink } from "./action.ts";
export { type AlertKind, alertKinds } from "./alert-kinds.ts";
export { askedBackSentence } from "./asked-back.ts";
export {
  type BundledEntry,
  parseStatement,
  type Receipt,
  receiptType,
  type Statement,
  statementType,
} from "./bundle.ts";
export { canonical, maxJsonDepth } from "./canonical.ts";
export {
  type Checkpoint,
  foldClosed,
  formatCheckpoint,
  headLine,
  parseCheckpoint,
  type WriterHead,
} from "./checkpoint.ts";
export { compareDeed } from "./compare-deed.ts";
export { type ComparedReceipt, compareReceipt } from "./compare-receipt.ts";
export { type ConsoleNoun, consoleNouns, inboxViews, mayBeBelow } from "./console-address.ts";
export type {
  ApprovalFact,
  CheckFact,
  Confidentiality,
  Decision,
  DecisionInput,
  Facts,
  FlowEffect,
  FlowFacts,
  Integrity,
  Obligation,
  Origin,
  Reach,
  Requirement,
  Stage,
  TakesGrants,
  Tier,
  Verb,
} from "./decision.ts";
export { type EntryKind, entryKinds, type Leaf } from "./entry.ts";
export {
  type Envelope,
  envelopeKeyId,
  formatEnvelope,
  parseEnvelope,
  payloadType,
  preAuthentication,
} from "./envelope.ts";
export { extendTrust } from "./extend-trust.ts";
export { type FileShown, filesShown, mostFilesShown } from "./files-shown.ts";
export { Flaw, type FlawCode, type FoundFlaw, flawCodes } from "./flaw.ts";
export type { Json, JsonObject } from "./json.ts";
export { JsonFault, type JsonFaultReason } from "./json-fault.ts";
export { flawOfStep, readLeaf } from "./leaf.ts";
export { type LineShown, linesAsText, linesShown, pageOf } from "./lines-shown.ts";
export { GrowingTree, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./merkle.ts";
export {
  formatNote,
  formatVkey,
  isKeyName,
  keyId,
  type Note,
  type NoteSignature,
  parseNote,
  parseVkey,
  signatureLine,
  signersOf,
  type VerifierKey,
} from "./note.ts";
export { type ParseLimits, parseJson } from "./parse.ts";
export {
  type ApprovalBound,
  answerFault,
  approvalChallenge,
  approvalDocument,
  type PasskeyKey,
  type PasskeyProof,
  passkeyFault,
} from "./passkey.ts";
export { exits, type ProblemBody, type ProblemCode, problems } from "./problems.ts";
export { type Piece, seen, seenAsText } from "./seen.ts";
export { documentDepth } from "./shape.ts";
export {
  type ReadByRun,
  type Risk,
  type RiskLevel,
  type Shown,
  type ShownMember,
  shownDigest,
  shownDocument,
  shownMembers,
} from "./shown.ts";
export { mayMove, moves, openStates, type Refusal, type State, states } from "./state.ts";
export { openCheckpoint, parseTrust, pinnedKeys, type Trust, type TrustedKey } from "./trust.ts";
export { type Verified, verifyBundle } from "./verify.ts";
export { type CarriedTimestamp, logType, type VerifiedLog, verifyLog } from "./verify-log.ts";
export { maxPackLine, packType, type VerifiedPack, verifyPack } from "./verify-pack.ts";
export type { VetoCure, VetoFact, VetoKind } from "./veto.ts";
