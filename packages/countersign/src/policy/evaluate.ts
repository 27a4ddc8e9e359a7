import type { CedarRequest } from "./request.ts";
import type { Slice } from "./slice.ts";

/** Which policies of a slice hold for a request, by id and sorted, and which of them could not be evaluated. */
export interface Evaluated {
  readonly permits: readonly string[];
  readonly forbids: readonly string[];
  readonly errors: readonly { readonly policy: string; readonly message: string }[];
}

/** The seam between what a decision means and the engine that evaluates Cedar. Pure; may throw, which denies. */
export type Evaluate = (slice: Slice, request: CedarRequest) => Evaluated;
