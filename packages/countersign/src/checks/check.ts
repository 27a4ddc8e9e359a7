import type { CheckFact, Json, JsonObject } from "@countersign/contract";

export interface CheckInput {
  readonly stage: "arguments" | "result";
  readonly server: string;
  readonly tool: string;
  readonly schema?: JsonObject;
  readonly value: Json;
  /** Digest of the arguments or result that is checked. */
  readonly digest: string;
  readonly at: string;
}

/** A check that runs before an action lands, or before a result is released. It never throws: a fault is verdict `error`. */
export interface Check {
  readonly name: string;
  /** Digest of the rules in force, so that a receipt says which version ran. */
  readonly version: string;
  run(input: CheckInput): Promise<CheckFact>;
}
