export type { Check, CheckInput } from "./check.ts";
export { type KnownValues, noKnownValues } from "./known-values.ts";
export { cut, type Find, type Redacted, redact } from "./redact.ts";
export { type Checks, type ChecksOptions, createChecks } from "./run.ts";
export { createScreen, type Screen } from "./secrets.ts";
