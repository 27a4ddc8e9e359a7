import type { Recorded, RecordedEntry } from "../ledger/read-recorded.ts";
import type { AnswerRecord } from "./approvals.ts";
import type { DecidedRecord } from "./record.ts";
import { type Beside, recountApprovals, type Said } from "./recount-approvals.ts";
import { type ActionRecord, recordsOf } from "./stored-record.ts";

/** What is measured of each action: that it is on record, or why not. */
export const measures = ["intent", "inputs", "outcome", "outputs", "approval", "order"] as const;
export type Measure = (typeof measures)[number];

/** Why something is not there and need not be. */
export const reasons = [
  "refused",
  "failed",
  "unknown",
  "erased",
  "redacted",
  "withheld",
  "granted",
  "released",
  "waiting",
  "inFlight",
] as const;
export type Reason = (typeof reasons)[number];

export interface Gap {
  readonly kind: Measure;
  readonly sentence: string;
}

/** What is to be said of one action. */
export interface Audited {
  /** How many times each measure applies, and how many times it holds. */
  readonly measures: { readonly [one in Measure]: { readonly of: number; readonly have: number } };
  readonly reasons: readonly Reason[];
  readonly gaps: readonly Gap[];
}

/** Database time that two replicas estimate may differ by this much. */
const skewUs = 5_000_000;
/** Longer than this no entry is on its way to the database. */
const lateUs = 600_000_000;
/** Beyond its deadline a call is not under way any more: who crashed meanwhile was recovered by others. */
const graceMs = 600_000;

type Stored = ActionRecord & { readonly answer?: AnswerRecord; readonly caller?: unknown; readonly by?: string };

/** Which of what must be on record of an action is there, and what is not, in words: pure, from its entries alone. */
export function gapsOf(recorded: Recorded, nowMs: number, beside: Beside): Audited {
  const { content, entries } = recorded;
  const gaps: Gap[] = [];
  const found = new Set<Reason>();
  const gap = (kind: Measure, sentence: string): void => void gaps.push({ kind, sentence });
  const said = saidIn(recorded);
  const ranAt = said.findIndex(({ entry }) => entry.to === "running");
  const last = said.findLast(({ entry }) => entry.to !== null)?.entry.to ?? null;
  const ran = ranAt >= 0 || last === "done" || last === "unknown" || last === "reversed";
  const intent = said[ranAt];
  const ends = said.flatMap(({ record }, at) => (record?.kind !== undefined && at > ranAt ? [record] : []));
  const isOpen = content === "open";
  const isHeadless = entries[0]?.step !== 0;
  if (content === "erased") found.add("erased");

  const first = said[0]?.record;
  if (content === "lost") gap("inputs", "the key of what it holds is gone, and no erasure of it is on record");
  else if (entries.some(({ isBroken }) => isBroken)) gap("inputs", "what is stored of it is not what was sealed");
  else if (isHeadless) gap("inputs", "its first entry, which says who asked for what, is not there");
  else if (isOpen && first?.call === undefined && first?.caller === undefined)
    gap("inputs", "its first entry does not hold what was asked for");

  if (ran && intent === undefined) gap("intent", `it is ${last}, and no intent was on record before it ran`);
  for (const sentence of intent === undefined ? [] : beforeIntent(intent, ends)) gap("intent", sentence);

  const isWaiting = last === "held" || last === "ready" || last === "received";
  const isUnderWay = last === "running" && nowMs < untilOf(intent);
  if (isWaiting) found.add("waiting");
  if (isUnderWay) found.add("inFlight");
  if (last === "refused" || last === "failed" || last === "unknown") found.add(last);
  const isDue = !isWaiting && !isUnderWay;
  if (isDue && (last === null || last === "running"))
    gap("outcome", "it was let through, and nothing on record says what became of it");

  const hasEnded = ran && isDue && last !== "running";
  if (hasEnded && isOpen) for (const sentence of outputs(ends, found)) gap("outputs", sentence);

  let required = 0;
  if (isOpen && intent !== undefined && isDecided(intent.record)) {
    const before = said.slice(0, ranAt).map(({ entry, record }): Said => ({ entry, record }));
    const recount = recountApprovals(before, intent.record, beside);
    if (recount.required) required = 1;
    if (recount.granted) found.add("granted");
    if (recount.released) found.add("released");
    for (const sentence of recount.missing) gap("approval", sentence);
  }

  const late = entries.flatMap((entry, at) => orderOf(entry, at, entries[at - 1]));
  for (const sentence of late) gap("order", sentence);
  const inOrder = entries.filter((entry, at) => orderOf(entry, at, entries[at - 1]).length === 0).length;
  const one = (kind: Measure, of: boolean) => ({
    of: of ? 1 : 0,
    have: of && !gaps.some((each) => each.kind === kind) ? 1 : 0,
  });
  return {
    measures: {
      intent: one("intent", ran),
      inputs: one("inputs", true),
      outcome: one("outcome", isDue),
      outputs: one("outputs", hasEnded),
      approval: one("approval", required === 1),
      order: { of: entries.length, have: inOrder },
    },
    reasons: [...found],
    gaps,
  };
}

interface Told {
  readonly entry: RecordedEntry;
  readonly record: Stored | null;
}

function saidIn({ entries }: Recorded): readonly Told[] {
  const records: readonly (Stored | null)[] = recordsOf({ entries });
  return entries.map((entry, at) => ({ entry, record: records[at] ?? null }));
}

function isDecided(record: Stored | null): record is Stored & DecidedRecord {
  return record?.decision !== undefined && record.input !== undefined;
}

/** Whether what it did was let through, and on record, before it was done. */
function beforeIntent({ entry, record }: Told, ends: readonly Stored[]): readonly string[] {
  const told: string[] = [];
  if (record !== null && (!isDecided(record) || record.decision.effect !== "allow"))
    told.push("its intent does not hold a decision that let it through");
  const dispatchedUs =
    Date.parse(ends.find(({ dispatchedAt }) => dispatchedAt !== undefined)?.dispatchedAt ?? "") * 1000;
  // What has no such moment was recovered, and compares false.
  if (dispatchedUs + skewUs < Math.max(entry.atUs, entry.recordedUs))
    told.push("it was sent before its intent was on record");
  return told;
}

/** Until when a call can still be under way. */
function untilOf(intent: Told | undefined): number {
  return (intent?.entry.atUs ?? 0) / 1000 + (intent?.record?.deadlineMs ?? 0) + graceMs;
}

/** What is missing of what came of a call; and, where there is a reason for that, which. */
function outputs(ends: readonly Stored[], found: Set<Reason>): readonly string[] {
  const last = ends.at(-1);
  if (last === undefined) return ["how it ended is on record, and what came of it is not"];
  const { error, evidence, kind, reason, redactions = 0, result, withheld } = last;
  if (redactions > 0) found.add("redacted");
  if (withheld !== undefined || isTooLarge(result ?? error)) found.add("withheld");
  const answered = kind === "answered" || kind === "error";
  const isThere = result !== undefined || error !== undefined || withheld !== undefined || evidence !== undefined;
  if (answered) return isThere ? [] : ["it was answered, and neither the answer nor why it is not kept is on record"];
  return reason === undefined && evidence === undefined ? ["why nothing came of it is not on record"] : [];
}

/** As an answer is kept that is too large to be kept. */
function isTooLarge(kept: unknown): boolean {
  return typeof kept === "object" && kept !== null && "countersign" in kept && "chars" in kept;
}

/** What is wrong with where and when an entry stands: in its action, in its writer's chain, and against the database's time. */
function orderOf(entry: RecordedEntry, at: number, before: RecordedEntry | undefined): readonly string[] {
  const { atUs, chainUs, recordedUs, seq, step, writer } = entry;
  const told: string[] = [];
  if (step !== at) told.push(`its step ${at} is missing: step ${step} stands there`);
  if (seq > 0 && chainUs === null)
    told.push(`step ${step} is entry ${seq} of its writer, and entry ${seq - 1} is not there`);
  if (chainUs !== null && chainUs >= atUs) told.push(`step ${step} is not later than the entry before it in its chain`);
  if (before !== undefined) {
    const apartUs = before.writer === writer ? 0 : skewUs;
    if (atUs + apartUs < before.atUs) told.push(`the time of step ${step} is before that of step ${before.step}`);
    if (recordedUs + skewUs < before.recordedUs)
      told.push(`step ${step} was written before step ${before.step}, by the database's time`);
  }
  if (atUs > recordedUs + skewUs)
    told.push(`step ${step} says ${seconds(atUs - recordedUs)} later than the database's time when it was written`);
  if (recordedUs > atUs + lateUs) told.push(`step ${step} was written ${seconds(recordedUs - atUs)} after its time`);
  return told;
}

function seconds(us: number): string {
  return `${Math.round(us / 1_000_000)} s`;
}
