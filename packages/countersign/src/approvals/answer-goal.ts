import { type Quantiles, quantiles } from "./queue.ts";

/** How fast people mean to answer: so many of what is asked within a time, over a window. */
export interface AnswerGoal {
  readonly targetMs: number;
  readonly share: number;
  readonly overMs: number;
}

/** One question to people, and how it ended: by their answer, because nobody gave one, or otherwise. */
export interface AskedStay {
  readonly workflow: string;
  readonly askedMs: number;
  readonly ended?: { readonly atMs: number; readonly how: "answered" | "lapsed" | "withdrawn" };
}

export interface Kept {
  /** Answered, or missed: what was taken back in time is neither. */
  readonly counted: number;
  readonly answered: number;
  readonly lapsed: number;
  /** Still open, and not missed yet. */
  readonly pending: number;
  /** Over the target, answered or not, or lapsed; null where nobody set a target. */
  readonly missed: number | null;
  /** Of what was counted, answered within the target. */
  readonly share: number | null;
  /** Of the misses that the goal leaves room for, how much is used: 1 is all of it. */
  readonly used: number | null;
  readonly state: "kept" | "at_risk" | "missed" | null;
  /** From being asked to the answer. */
  readonly waitMs: Quantiles | null;
  readonly sentence: string;
}

/**
 * Whether people answered as fast as they mean to. What nobody answered in time counts as missed from the moment on at
 * which the target passed, however it ends later. Pure.
 */
export function keptOf(stays: readonly AskedStay[], goal: AnswerGoal | undefined, nowMs: number, overMs: number): Kept {
  const told = stays.map((one) => ({ ...one, ...fateOf(one, goal?.targetMs, nowMs) }));
  const inside = told.filter(({ atMs }) => atMs > nowMs - overMs);
  const answered = inside.filter(({ ended }) => ended?.how === "answered");
  const lapsed = inside.filter(({ ended }) => ended?.how === "lapsed").length;
  const pending = told.filter(({ fate }) => fate === "pending");
  const counted = inside.filter(({ fate }) => fate === "kept" || fate === "missed").length;
  const waitMs = quantiles(
    answered.flatMap(({ askedMs, ended }) => (ended === undefined ? [] : [ended.atMs - askedMs])),
  );
  const base = { counted, answered: answered.length, lapsed, pending: pending.length, waitMs };
  if (goal === undefined) return { ...base, missed: null, share: null, used: null, state: null, sentence: plain(base) };
  const missed = inside.filter(({ fate }) => fate === "missed").length;
  const share = counted === 0 ? null : (counted - missed) / counted;
  // What has waited for half of the target already may miss it: people should hear of it while they can do something.
  const soon = pending.filter(({ askedMs }) => nowMs - askedMs >= goal.targetMs / 2).length;
  const isMissed = isBelow(missed, counted, goal.share);
  const isAtRisk = soon > 0 && isBelow(missed + soon, counted + soon, goal.share);
  const state = isMissed ? "missed" : isAtRisk ? "at_risk" : "kept";
  const room = counted * (1 - goal.share);
  const used = missed === 0 ? 0 : room === 0 ? null : missed / room;
  return { ...base, missed, share, used, state, sentence: sentenceOf({ ...base, missed, share, state, soon }, goal) };
}

interface Fate {
  readonly fate: "kept" | "missed" | "pending" | "withdrawn";
  /** When that was settled. */
  readonly atMs: number;
}

function fateOf({ askedMs, ended }: AskedStay, targetMs: number | undefined, nowMs: number): Fate {
  if (ended?.how === "lapsed") return { fate: "missed", atMs: ended.atMs };
  if (targetMs !== undefined && (ended?.atMs ?? nowMs) - askedMs > targetMs)
    return { fate: "missed", atMs: ended?.how === "answered" ? ended.atMs : askedMs + targetMs };
  if (ended === undefined) return { fate: "pending", atMs: nowMs };
  return { fate: ended.how === "answered" ? "kept" : "withdrawn", atMs: ended.atMs };
}

function isBelow(missed: number, counted: number, share: number): boolean {
  // Counts are compared, and not shares: 9 of 10 are 90 % to the last bit.
  return counted > 0 && (counted - missed) * 1_000_000 < Math.round(share * 1_000_000) * counted;
}

function plain({ answered, lapsed, pending }: Pick<Kept, "answered" | "lapsed" | "pending">): string {
  return `${answered} answered, ${lapsed} lapsed without an answer, ${pending} wait; no target is set`;
}

function sentenceOf(
  {
    counted,
    missed,
    pending,
    share,
    soon,
    state,
  }: Pick<Kept, "counted" | "pending" | "share" | "state"> & { readonly missed: number; readonly soon: number },
  goal: AnswerGoal,
): string {
  const wanted = `${percent(goal.share)} within ${span(goal.targetMs)}`;
  if (share === null && state === "kept") return `nobody was asked; the goal is ${wanted}`;
  const had = `${counted - missed} of ${counted} questions were answered within ${span(goal.targetMs)}`;
  const told = share === null ? had : `${had} (${percent(share)})`;
  if (state === "missed") return `missed: ${told}, and the goal is ${percent(goal.share)}`;
  if (state === "at_risk")
    return `about to be missed: ${told}, the goal is ${percent(goal.share)}, and ${soon} of ${pending} that wait have waited for half of that time`;
  return `kept: ${told}, and the goal is ${percent(goal.share)}`;
}

function percent(share: number): string {
  // Never rounded up to what it is not.
  return `${Math.floor(Math.round(share * 1_000_000) / 1_000) / 10} %`;
}

function span(ms: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
  ] as const;
  for (const [unit, name] of units) if (ms >= unit && ms % unit === 0) return `${ms / unit} ${name}`;
  return `${ms / 1000} s`;
}
