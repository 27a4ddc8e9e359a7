import { answered } from "../catalog/index.ts";
import type { Tx } from "../db/db.ts";
import { doneAt, type Mark, marksOf } from "../flow/index.ts";
import { addMarks } from "../flow/sql.ts";
import type { Call } from "./call.ts";
import type { Considered } from "./consider.ts";
import { approvedIn } from "./gather-flow.ts";
import type { Parts } from "./parts.ts";
import type { Settled } from "./settle.ts";

// What this replica wrote already. Marks are only ever added, so what was there once is there.
const written = new Set<string>();
const most = 100_000;

/**
 * What has to be done in the transaction of an intent, so that no answer is read before its run is marked by it;
 * undefined where there is nothing new.
 */
export function markRun(call: Call): { write(tx: Tx): Promise<void>; written(): void } | undefined {
  const { root } = call.run;
  if (root === undefined) return undefined;
  const name = (mark: Mark) => `${root} ${mark.kind} ${mark.label} ${mark.tool}`;
  const fresh = marksOf(call.classified.flow, call.tool.id, call.id).filter((mark) => !written.has(name(mark)));
  if (fresh.length === 0) return undefined;
  return {
    write: (tx) => addMarks(tx, root, fresh),
    written() {
      if (written.size > most) written.clear();
      for (const mark of fresh) written.add(name(mark));
    },
  };
}

/** Keeps what an answer says, for whoever asks where a value came from. */
export function keepAnswer(parts: Parts, call: Call, considered: Considered, { record, chars }: Settled): void {
  const { root } = call.run;
  if (root === undefined || (record.kind !== "answered" && record.kind !== "error")) return;
  const { flow } = call.classified;
  const result = record.result ?? record.error;
  const isError = record.kind === "error" || record.isError === true;
  parts.families.of(root).add(call.id, {
    tool: call.tool.id,
    ...(flow.about === undefined ? {} : { about: flow.about }),
    labels: answered(flow.result, isError),
    ...(isError ? {} : { done: doneAt(call.caller.workflow, call.tool.id, flow) }),
    ...(result === undefined ? {} : { result }),
    ...approvedIn(considered.input.facts.approvals, call.caller.workflow, call.tool.id, flow),
    size: chars ?? 0,
  });
}
