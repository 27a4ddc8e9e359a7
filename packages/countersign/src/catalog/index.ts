export { buildCatalog, type Catalog, type CatalogFault, type CatalogSources } from "./catalog.ts";
export { digestDefinition, readDefinition } from "./definition.ts";
export { difference, holdsHidden } from "./difference.ts";
export type { Environment } from "./environment.ts";
export { loadPacks } from "./load-packs.ts";
export { observeDefinitions } from "./observe-definitions.ts";
export type { Pack } from "./pack.ts";
export { packageCommand } from "./package-command.ts";
export type { DefinitionChange, Pin, PinStatus } from "./pin.ts";
export { type Captured, captureCall, type PlannedCall, planReversal } from "./plan-reversal.ts";
export { holds, met, outcomeOf } from "./premise.ts";
export { listReviews, type OpenReview, type ReviewAnswer, review } from "./review.ts";
export { readPins } from "./sql.ts";
export { fillMembers, fillTemplate, type Scope } from "./template.ts";
export type { CallTemplate, Classified, Condition, Definition, Premise, ReversalRule, Tool } from "./tool.ts";
export {
  type ToolsFile,
  type Transport,
  toolsFileJsonSchema,
  toolsFileSchema,
  workspacePlaceholder,
} from "./tools-file.ts";
export { visible } from "./visible.ts";
