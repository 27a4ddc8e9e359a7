export { createChecks } from "./run.ts";
