import { canonical, type Json } from "@countersign/contract";
import { countedRun } from "../action/run-line.ts";
import { recordsOf } from "../action/stored-record.ts";
import type { CallEntry } from "../ledger/read-calls.ts";
import { amountOf } from "../policy/amount-of.ts";
import type { Needs } from "../policy/index.ts";
import type { CountedCall, Moment } from "../policy/trial/windows-of.ts";

/** What windows ask of a call, from its entries; undefined where none of them asks about it or nothing was decided. */
export function countedCall(
  action: string,
  entries: readonly CallEntry[],
  needs: (workflow: string, tool: string) => Needs | undefined,
): CountedCall | undefined {
  const records = recordsOf({ entries });
  const first = records.find((record) => record?.input !== undefined);
  const call = records.find((record) => record?.call !== undefined)?.call;
  if (first == null || call === undefined) return undefined;
  const { principal, action: asked, resource } = first.input;
  const needed = needs(principal.workflow, asked.tool);
  if (needed === undefined) return undefined;
  const amounts: { [window: string]: number } = {};
  for (const window of needed.counted) {
    const amount = window.kind === "sum" ? amountOf(window, call.args) : undefined;
    if (amount !== undefined) amounts[window.name] = amount;
  }
  const decided: Moment[] = [];
  const ends: { tookMs?: number; failedMs?: number; doneMs?: number } = {};
  for (const [at, { step, to, atMs }] of entries.entries()) {
    const record = records[at];
    const isIntent = to === "running";
    if (record?.input !== undefined && record.decision !== undefined)
      decided.push({ step, atMs: isIntent ? atMs : Date.parse(record.input.at), isIntent });
    if (isIntent) ends.tookMs = atMs;
    if (to === "failed") ends.failedMs = atMs;
    if (to === "done" && record?.isError !== true && record?.error === undefined) ends.doneMs = atMs;
  }
  return {
    action,
    workflow: principal.workflow,
    tool: asked.tool,
    agent: principal.agent,
    run: countedRun(call.run),
    target: canonical([resource.system, resource.environment.name, resource.target] as Json),
    amounts,
    decided,
    ...ends,
  };
}
