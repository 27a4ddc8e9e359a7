export { emailSchema, isWildcard, nameSchema, toolIdSchema } from "./names.ts";
export {
  daySchema,
  durationMs,
  durationSchema,
  endOfDayMs,
  type Mode,
  type Money,
  moneySchema,
  shareSchema,
} from "./quantity.ts";
export {
  type Ask,
  type CallLimits,
  callLimitsSchema,
  modeAt,
  type Pattern,
  patterns,
  standsIn,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
