export { complaint } from "./complaint.ts";
export { createChecks } from "./run.ts";
