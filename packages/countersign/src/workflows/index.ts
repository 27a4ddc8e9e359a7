export type { GuardrailFile } from "./guardrail.ts";
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
  standsIn,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
