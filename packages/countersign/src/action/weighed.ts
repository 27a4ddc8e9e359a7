import type { Shown } from "@countersign/contract";
import { reachText } from "../approvals/index.ts";
import { readByRun } from "./read-by-run.ts";
import type { DecidedRecord } from "./record.ts";

/** What people are told of a held call besides what it is: from the decision that held it. */
export function weighed({ input, risk }: Pick<DecidedRecord, "input" | "risk">): Pick<Shown, "risk" | "flow"> & {
  readonly reach: NonNullable<Shown["reach"]> & { readonly sentence: string };
} {
  const { reach = {}, flow } = input.facts;
  return {
    ...(risk === undefined ? {} : { risk }),
    reach: { counts: reach, sentence: reachText(reach) },
    ...(flow === undefined ? {} : { flow: readByRun(flow) }),
  };
}
