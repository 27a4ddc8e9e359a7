import { canonical, type DecisionInput, type Facts, type Json } from "@countersign/contract";
import { lockWindows, lookWindows, recountWindows, takeWindows } from "../costs/sql.ts";
import type { WindowUse } from "../costs/window-use.ts";
import type { Tx } from "../db/db.ts";
import { amountOf } from "../policy/amount-of.ts";
import type { NeededWindow, Needs } from "../policy/index.ts";
import { scopeOf } from "../policy/window-scope.ts";
import type { Call } from "./call.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { reachOf } from "./reach.ts";
import { countedRun } from "./run-line.ts";
import { stepsOf } from "./steps.ts";
import { windowKey } from "./window-key.ts";

type Gathered = Pick<Facts, "counts" | "sums" | "formerly" | "previous" | "steps">;

/** The rules changed what this call would take, or others took it first: it is decided again. */
export class WindowMoved extends Error {}

const none: Gathered = { counts: {} };

/** What the policies in force count for this call, this call included. Before its target was read a step is taken for small enough. */
export async function gatherFacts(parts: Parts, plane: Plane, call: Call, captured: boolean): Promise<Gathered> {
  const needs = plane.needs(call.caller.workflow, call.tool.id);
  const steps = stepsOf(needs.steps, call, captured);
  if (needs.asked.length === 0) return needs.steps.length === 0 ? none : { counts: {}, steps };
  return {
    ...(await countNow(parts, parts.db, needs, call, captured)),
    ...(needs.steps.length === 0 ? {} : { steps }),
  };
}

/** What has to be done in the transaction of an intent; undefined where no policy counts this call. */
export function reserve(
  parts: Parts,
  plane: Plane,
  call: Call,
  decided: DecisionInput,
): ((tx: Tx) => Promise<void>) | undefined {
  const needs = plane.needs(call.caller.workflow, call.tool.id);
  const uses = usesOf(parts, needs, call);
  if (uses.length === 0 && needs.asked.length === 0) return undefined;
  return async (tx) => {
    // INVARIANT: what others take in the meantime waits for this transaction, and what they took counts here.
    await lockWindows(tx, [
      ...[...needs.asked, ...needs.counted]
        .filter(({ kind }) => kind === "count" || kind === "sum")
        .flatMap((window) => keyOf(parts, window, call) ?? []),
      ...[
        ...needs.asked.filter(hasEnds),
        // Which of two calls is the newest is known only where both wait for each other.
        ...needs.counted.filter(({ kind }) => kind === "previous"),
        ...needs.ends,
      ].flatMap((window) => endOf(parts, window, call) ?? []),
    ]);
    const now = await countNow(parts, tx, needs, call, true);
    const { counts, sums = {}, formerly = [], previous = [] } = decided.facts;
    const isSame =
      canonical({ counts, sums, formerly, previous } as unknown as Json) === canonical({ ...now } as unknown as Json);
    if (!isSame && plane.decide({ ...decided, facts: { ...decided.facts, ...now } }).effect !== "allow")
      throw new WindowMoved("others took of a window first");
    if (uses.length > 0) await takeWindows(tx, call.id, uses);
  };
}

/** Lets the windows of an ended call count what really became of it, at the time of its call, under the rules in force now. */
export async function recount(
  parts: Parts,
  call: Call,
  ended: "done" | "error" | "failed",
  sentAt: string,
): Promise<void> {
  const needs = parts.plane.current().needs(call.caller.workflow, call.tool.id);
  const uses = ended === "failed" ? [] : usesOf(parts, needs, call);
  const took = uses.filter(({ counted }) => counted || ended === "done");
  await parts.db.transaction(async (tx) => {
    await lockWindows(
      tx,
      took.map(({ key }) => key),
    );
    await recountWindows(tx, call.id, took, sentAt);
  });
}

async function countNow(
  parts: Parts,
  tx: Tx,
  { asked, counted }: Needs,
  call: Call,
  captured: boolean,
): Promise<Required<Omit<Gathered, "steps">>> {
  // What a call has no value for is no fact: the policy that reads it errs, and an error denies.
  const known = asked.flatMap((window) => {
    const key = keyOf(parts, window, call);
    return key === undefined ? [] : [{ window, key }];
  });
  const seen = await lookWindows(
    tx,
    known.map(({ window, key }) => ({
      key,
      ...(window.withinMs === undefined ? {} : { withinMs: window.withinMs }),
      ...(hasEnds(window) ? { sinceKey: `since ${key}` } : {}),
    })),
  );
  const counts: { [name: string]: number } = {};
  const sums: { [name: string]: number } = {};
  const formerly: string[] = [];
  const previous: string[] = [];
  for (const [at, { window }] of known.entries()) {
    const { calls, sum } = seen[at] ?? { calls: 0, sum: 0 };
    const takes = counted.includes(window);
    if (window.kind === "count") counts[window.name] = calls + (takes ? 1 : 0);
    else if (window.kind === "formerly") formerly.push(...(calls > 0 ? [window.name] : []));
    else if (window.kind === "previous") previous.push(...(calls > 0 ? [window.name] : []));
    else {
      const own = takes ? amountOf(window, call.submission.args, reachOf(call, captured)) : 0;
      // Nor is an amount that cannot be read.
      if (own !== undefined) sums[window.name] = sum + own;
    }
  }
  return { counts, sums, formerly: formerly.sort(), previous: previous.sort() };
}

function usesOf(parts: Parts, { counted, ends }: Needs, call: Call): readonly WindowUse[] {
  return [
    ...counted.flatMap((window) => useOf(parts, window, call)),
    // From its intent on and whatever it answers: only what certainly did not happen leaves a window as it was.
    ...ends.flatMap((window) => {
      const key = endOf(parts, window, call);
      return key === undefined ? [] : [{ key, amount: 1, counted: true, ...forMs(window) }];
    }),
  ];
}

function useOf(parts: Parts, window: NeededWindow, call: Call): readonly WindowUse[] {
  const amount = window.kind === "sum" ? amountOf(window, call.submission.args, reachOf(call, true)) : 1;
  const key = keyOf(parts, window, call);
  if (amount === undefined || key === undefined) return [];
  return [{ key, amount, counted: window.done !== true, ...forMs(window) }];
}

function forMs({ withinMs }: NeededWindow): Pick<WindowUse, "forMs"> {
  return withinMs === undefined ? {} : { forMs: withinMs };
}

/** Whether there are calls that it begins anew with. */
function hasEnds({ kind, since }: NeededWindow): boolean {
  return since !== undefined || kind === "previous";
}

/** Under which the calls are kept that a window begins anew with; no policy's id holds a space. */
function endOf(parts: Parts, window: NeededWindow, call: Call): string | undefined {
  const key = keyOf(parts, window, call);
  return key === undefined ? undefined : `since ${key}`;
}

/** Undefined where the call has no value that it could be counted by. */
function keyOf({ terms }: Parts, window: NeededWindow, { caller, classified, run }: Call): string | undefined {
  const { system, environment, target } = classified;
  const scope = scopeOf(window, {
    agent: caller.agent,
    run: countedRun(run),
    target: canonical([system, environment.name, target]),
    person: caller.onBehalfOf,
    args: classified.projected,
  });
  return scope === undefined ? undefined : windowKey(terms, window, scope);
}
