export { buildCatalog, type Catalog } from "./catalog.ts";
export { wantsAbsolute } from "./classify.ts";
export {
  answered,
  type CallFlow,
  confidentialities,
  type Destination,
  type Endorsement,
  everything,
  type ResultLabels,
  unlabelled,
} from "./flow.ts";
export { loadPacks } from "./load-packs.ts";
export { minorDigits } from "./normalise/money.ts";
export { normalisers } from "./normalise/normalise.ts";
export { loadSqlParser } from "./normalise/sql-parser.ts";
export { type Wanted, wantedOf } from "./normalise/wanted.ts";
export { observeDefinitions } from "./observe-definitions.ts";
export type { Pack, Packs } from "./pack.ts";
export { packageCommand } from "./package-command.ts";
export type { Pin } from "./pin.ts";
export { captureCall, fill, type PlannedCall, planReversal } from "./plan-reversal.ts";
export { changedPart, isUnchanged, outcomeOf } from "./premise.ts";
export { type ReachUnit, reachBefore, reachUnits, reachUnread } from "./reach.ts";
export { listReviews, type ReviewAnswer, review } from "./review.ts";
export type { Rule } from "./rule.ts";
export { changedSinceSignal } from "./signals.ts";
export { fillTemplate } from "./template.ts";
export type { Definition, Tool } from "./tool.ts";
export {
  type ToolsFile,
  toolsFileJsonSchema,
  toolsFileSchema,
  workspacePlaceholder,
} from "./tools-file.ts";
export { wantedBy } from "./wanted-by.ts";
