export { emailSchema, nameSchema } from "./names.ts";
export {
  durationSchema,
  endOfDayMs,
} from "./quantity.ts";
export {
  type Ask,
  callLimitsSchema,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
