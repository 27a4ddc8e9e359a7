export { emailSchema, nameSchema } from "./names.ts";
export {
  dayOf,
  durationSchema,
  endOfDayMs,
} from "./quantity.ts";
export {
  type Ask,
  answering,
  callLimitsSchema,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
