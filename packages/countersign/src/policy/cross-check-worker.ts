import { parentPort } from "node:worker_threads";
import type { Evaluated } from "./evaluate.ts";
import type { CompiledPolicy } from "./policy.ts";
import type { CedarRequest } from "./request.ts";
import { type Slice, sliceOf } from "./slice.ts";
import { evaluateInWasm } from "./wasm-engine.ts";

/** One evaluation to look at again. `policies` come with the first question about a slice. */
export interface Question {
  readonly id: number;
  readonly slice: string;
  readonly policies?: readonly Pick<CompiledPolicy, "id" | "digest" | "effect" | "syntax">[];
  readonly request: CedarRequest;
}

export type Reply =
  | { readonly id: number; readonly evaluated: Evaluated }
  | { readonly id: number; readonly fault: string };

const slices = new Map<string, Slice>();

parentPort?.on("message", ({ id, slice, policies, request }: Question) => {
  // What the engine reads of a policy is its effect and its syntax; the rest of a slice is for people.
  if (policies !== undefined) slices.set(slice, sliceOf(policies as readonly CompiledPolicy[]));
  const known = slices.get(slice);
  try {
    if (known === undefined) throw new Error("the slice is not known");
    parentPort?.postMessage({ id, evaluated: evaluateInWasm(known, request) } satisfies Reply);
  } catch (thrown) {
    parentPort?.postMessage({ id, fault: thrown instanceof Error ? thrown.message : String(thrown) } satisfies Reply);
  }
});
