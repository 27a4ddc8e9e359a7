export { type DecisionLog, openDecisionLog } from "./open-decision-log.ts";
