import type { Facts } from "@countersign/contract";
import type { NeededWindow, Needs } from "../needs.ts";

/** A call as its records tell it: who asked for what, when it was decided, and how it ended. */
export interface CountedCall {
  readonly action: string;
  readonly workflow: string;
  readonly tool: string;
  /** Which of each window's own counts it belongs to; absent where it has no value for one. */
  readonly scopes: { readonly [window: string]: string };
  /** What it adds to each window that sums; absent where it is no such amount. */
  readonly amounts: { readonly [window: string]: number };
  readonly decided: readonly Moment[];
  /** When its intent was written; absent where it never ran. */
  readonly tookMs?: number;
  /** When it was known that it did not happen. */
  readonly failedMs?: number;
  /** When it was known to be done, and its tool had answered without an error. */
  readonly doneMs?: number;
}

/** A decision of a call. That of an intent is made again in its transaction, behind all that took before it. */
export interface Moment {
  readonly step: number;
  readonly atMs: number;
  readonly isIntent: boolean;
  /** What it would have added by what was known then; as it took where absent. */
  readonly amounts?: CountedCall["amounts"];
}

/** What the gate would have gathered of some windows for one decision. */
export type WindowFacts = Required<Pick<Facts, "counts" | "sums" | "formerly" | "previous">>;

/** By action, and within it by the step of the decision. */
export type ToldFacts = ReadonlyMap<string, ReadonlyMap<number, WindowFacts>>;

/**
 * What windows held at each decision, as `action/windows.ts` counts them: a call takes with its intent, gives back what
 * certainly did not happen, and counts where its end matters from then on. What ran is counted, whatever other rules
 * would have said of it. Pure; before the oldest call there was none.
 */
export function windowsOf(
  calls: readonly CountedCall[],
  needs: (workflow: string, tool: string) => Needs | undefined,
): ToldFacts {
  const timelines = new Map<string, Timeline>();
  const timelineOf = (window: NeededWindow, { scopes }: CountedCall): Timeline | undefined => {
    const scope = scopes[window.name];
    if (scope === undefined) return undefined;
    const key = `${window.name}|${scope}`;
    const known = timelines.get(key);
    if (known !== undefined) return known;
    const made: Timeline = { window, uses: [], ends: [], asks: [] };
    timelines.set(key, made);
    return made;
  };
  const told = new Map<string, Map<number, WindowFacts>>();
  for (const call of calls) {
    const needed = needs(call.workflow, call.tool);
    if (needed === undefined) continue;
    if (call.tookMs !== undefined) {
      for (const window of needed.counted) timelineOf(window, call)?.uses.push(call);
      for (const window of needed.ends) timelineOf(window, call)?.ends.push(call);
    }
    for (const moment of call.decided) {
      if (needed.asked.length === 0) continue;
      const facts = { counts: {}, sums: {}, formerly: [], previous: [] };
      told.set(call.action, (told.get(call.action) ?? new Map()).set(moment.step, facts));
      for (const window of needed.asked)
        timelineOf(window, call)?.asks.push({ call, moment, facts, takes: needed.counted.includes(window) });
    }
  }
  for (const timeline of timelines.values()) answer(timeline);
  for (const steps of told.values())
    for (const { formerly, previous } of steps.values())
      for (const ids of [formerly, previous]) (ids as string[]).sort();
  return told;
}

/** One window of one key: who took of it, who began it anew, and who was asked what is in it. */
interface Timeline {
  readonly window: NeededWindow;
  readonly uses: CountedCall[];
  readonly ends: CountedCall[];
  readonly asks: Ask[];
}

interface Ask {
  readonly call: CountedCall;
  readonly moment: Moment;
  readonly facts: WindowFacts;
  /** Whether the call is in the window that it is asked about. */
  readonly takes: boolean;
}

/** A place in the order of one millisecond: what left or was known to be done, intents by their actions, other decisions. */
interface Place {
  readonly ms: number;
  readonly turn: 0 | 1 | 2 | 3;
  readonly action: string;
}

interface Event extends Place {
  readonly calls: -1 | 0 | 1;
  readonly amount: number;
  readonly ask?: Ask;
}

function answer({ window, uses, ends, asks }: Timeline): void {
  const inOrder = ends.map((call) => ({ call, at: takenAt(call) })).sort((one, other) => before(one.at, other.at));
  const events: Event[] = asks.map((ask) => ({ ...askedAt(ask), calls: 0, amount: 0, ask }));
  for (const use of uses) {
    const amount = window.kind === "sum" ? use.amounts[window.name] : 1;
    if (amount === undefined) continue;
    for (const [from, to] of spans(window, use, inOrder)) {
      events.push({ ...from, calls: 1, amount });
      if (to !== undefined) events.push({ ...to, calls: -1, amount: -amount });
    }
  }
  // A call is asked about before it takes.
  events.sort((one, other) => before(one, other) || Math.abs(one.calls) - Math.abs(other.calls));
  let calls = 0;
  let sum = 0;
  for (const { calls: more, amount, ask } of events) {
    calls += more;
    sum += amount;
    if (ask !== undefined) tell(window, ask, calls, sum);
  }
}

/** Writes what the window held into the facts of a decision. A kind of window that is no number is told here too. */
function tell(window: NeededWindow, { call, moment, facts, takes }: Ask, calls: number, sum: number): void {
  const { counts, sums, ...lists } = facts as Mutable;
  switch (window.kind) {
    case "count":
      counts[window.name] = calls + (takes ? 1 : 0);
      return;
    case "formerly":
    case "previous":
      if (calls > 0) lists[window.kind].push(window.name);
      return;
    case "sum": {
      const own = takes ? (moment.amounts ?? call.amounts)[window.name] : 0;
      // An amount that cannot be read is no fact: what reads the sum errs, as at the gate.
      if (own !== undefined) sums[window.name] = sum + own;
    }
  }
}

interface Mutable {
  readonly counts: { [window: string]: number };
  readonly sums: { [window: string]: number };
  readonly formerly: string[];
  readonly previous: string[];
}

interface End {
  readonly call: CountedCall;
  readonly at: Place;
}

/** From when to when a call is in a window: until it is too old or was given back, and not while a later call has begun the window anew. */
function spans(window: NeededWindow, use: CountedCall, ends: readonly End[]): readonly (readonly [Place, Place?])[] {
  const taken = takenAt(use);
  if (window.done === true && use.doneMs === undefined) return [];
  const lasts = Math.min(
    use.failedMs ?? Number.POSITIVE_INFINITY,
    taken.ms + (window.withinMs ?? Number.POSITIVE_INFINITY),
  );
  const leaves = Number.isFinite(lasts) ? turn(lasts, 0) : undefined;
  const found: (readonly [Place, Place?])[] = [];
  const add = (from: Place, to: Place | undefined): void => {
    const until = to === undefined || (leaves !== undefined && before(leaves, to) < 0) ? leaves : to;
    if (until === undefined) found.push([from]);
    else if (before(from, until) < 0) found.push([from, until]);
  };
  // Done in the millisecond of its intent, it was none before that.
  const done = turn(use.doneMs ?? 0, 1);
  let from = window.done === true && before(taken, done) < 0 ? done : taken;
  for (let at = firstAfter(ends, taken); at < ends.length; at++) {
    const { call, at: begins } = ends[at] as End;
    if (before(from, begins) < 0) add(from, begins);
    if (call.failedMs === undefined) return found;
    const again = turn(call.failedMs, 1);
    if (before(from, again) < 0) from = again;
  }
  add(from, undefined);
  return found;
}

function firstAfter(ends: readonly End[], place: Place): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before((ends[middle] as End).at, place) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function takenAt({ tookMs, action }: CountedCall): Place {
  return { ms: tookMs as number, turn: 2, action };
}

function askedAt({ call, moment }: Ask): Place {
  return moment.isIntent ? takenAt(call) : turn(moment.atMs, 3);
}

function turn(ms: number, which: 0 | 1 | 3): Place {
  return { ms, turn: which, action: "" };
}

function before(one: Place, other: Place): number {
  if (one.ms !== other.ms) return one.ms - other.ms;
  if (one.turn !== other.turn) return one.turn - other.turn;
  return one.action < other.action ? -1 : one.action > other.action ? 1 : 0;
}
