export { emailSchema, nameSchema } from "./names.ts";
export {
  dayOf,
  durationSchema,
  endOfDayMs,
} from "./quantity.ts";
export {
  type Answering,
  type Ask,
  answering,
  callLimitsSchema,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
