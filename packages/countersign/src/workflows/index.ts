export type { GuardrailFile } from "./guardrail.ts";
export { emailSchema, nameSchema } from "./names.ts";
export {
  dayOf,
  durationSchema,
  endOfDayMs,
  shareSchema,
} from "./quantity.ts";
export { readRoad, roadFile } from "./read-road.ts";
export {
  type Answering,
  type Ask,
  answering,
  callLimitsSchema,
  cutLabels,
  modeAt,
  standsIn,
  type Workflow,
  workflowFile,
} from "./workflow.ts";
export { writeRoad } from "./write-road.ts";
