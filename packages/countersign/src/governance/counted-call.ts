import { canonical, type DecisionInput, type Json } from "@countersign/contract";
import { countedRun } from "../action/run-line.ts";
import { recordsOf } from "../action/stored-record.ts";
import type { CallEntry } from "../ledger/read-calls.ts";
import { amountOf } from "../policy/amount-of.ts";
import type { Needs } from "../policy/index.ts";
import type { CountedCall, Moment } from "../policy/trial/windows-of.ts";
import { scopeOf } from "../policy/window-scope.ts";

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
  const own = (input: DecisionInput): { readonly [window: string]: number } => {
    const amounts: { [window: string]: number } = {};
    for (const window of needed.counted) {
      const amount = window.kind === "sum" ? amountOf(window, call.args, input.facts.reach) : undefined;
      if (amount !== undefined) amounts[window.name] = amount;
    }
    return amounts;
  };
  const isRead = needed.counted.some(({ touched }) => touched !== undefined);
  let amounts = own(first.input);
  const decided: Moment[] = [];
  const ends: { tookMs?: number; failedMs?: number; doneMs?: number } = {};
  for (const [at, { step, to, atMs }] of entries.entries()) {
    const record = records[at];
    const isIntent = to === "running";
    if (record?.input !== undefined && record.decision !== undefined) {
      // What is counted of the target's state is known once that was read.
      if (isRead) amounts = own(record.input);
      const moment = { step, atMs: isIntent ? atMs : Date.parse(record.input.at), isIntent };
      decided.push(isRead ? { ...moment, amounts } : moment);
    }
    if (isIntent) ends.tookMs = atMs;
    if (to === "failed") ends.failedMs = atMs;
    if (to === "done" && record?.isError !== true && record?.error === undefined) ends.doneMs = atMs;
  }
  const counted = {
    agent: principal.agent,
    run: countedRun(call.run),
    target: canonical([resource.system, resource.environment.name, resource.target] as Json),
    person: principal.onBehalfOf,
    args: first.input.args,
  };
  const scopes: { [window: string]: string } = {};
  for (const window of [...needed.asked, ...needed.counted, ...needed.ends]) {
    const scope = scopeOf(window, counted);
    if (scope !== undefined) scopes[window.name] = scope;
  }
  return {
    action,
    workflow: principal.workflow,
    tool: asked.tool,
    scopes,
    amounts,
    decided,
    ...ends,
  };
}
