export type { GuardrailFile } from "./guardrail.ts";
export { emailSchema, nameSchema } from "./names.ts";
export {
  dayOf,
  durationSchema,
  endOfDayMs,
  shareSchema,
} from "./quantity.ts";
export {
  type Ask,
  answering,
  callLimitsSchema,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
