import { quantiles } from "./queue.ts";

/** An answer as far as it says how it was given. */
export interface Given {
  readonly verdict: "approve" | "deny";
  /** Null where nobody measured it. */
  readonly lookedMs: number | null;
  /** Characters of what was shown. */
  readonly size: number | null;
}

export interface Signal {
  readonly signal: "too_fast" | "always_yes" | "canary_missed";
  readonly sentence: string;
}

/** Nobody finds anything in a text at this pace. */
const charsPerMs = 0.4;
const leastMs = 1_500;
const mostMs = 20_000;
const looked = 50;
const fewest = 10;
const streak = 30;
const lastSeeded = 5;

/** The shortest look that can be one at so much text. */
export function floorMs(size: number | null): number {
  return Math.min(mostMs, Math.max(leastMs, (size ?? 0) / charsPerMs));
}

/**
 * Why somebody's answers may be no decisions: looks too short for what there was to read, nothing but approvals after
 * short looks, or a seeded request that was approved. Answers oldest first, with those to seeded requests among them.
 */
export function signalsOf(given: readonly Given[], seeded: readonly { readonly caught: boolean }[]): readonly Signal[] {
  const signals: Signal[] = [];
  const last = looksOf(given).slice(-looked);
  const fast = last.filter(({ lookedMs, floor }) => lookedMs < floor).length;
  const sentence = `${fast} of the last ${last.length} approvals came after a look too short for what there was to read`;
  if (last.length >= fewest && fast * 2 > last.length) signals.push({ signal: "too_fast", sentence });
  const since = given.slice(given.findLastIndex(({ verdict }) => verdict === "deny") + 1);
  const yes = since.length;
  const ratio = quantiles(looksOf(since).map(({ lookedMs, floor }) => lookedMs / floor))?.p50;
  if (yes >= streak && ratio !== undefined && ratio < 2)
    signals.push({
      signal: "always_yes",
      sentence: `the last ${yes} answers were all approvals, half of them after a look shorter than reading takes`,
    });
  const missed = seeded.slice(-lastSeeded).filter(({ caught }) => !caught).length;
  if (missed > 0)
    signals.push({
      signal: "canary_missed",
      sentence: `${missed} of the last ${Math.min(seeded.length, lastSeeded)} seeded known-bad requests were approved`,
    });
  return signals;
}

/** The looks that somebody measured before an approval. */
function looksOf(given: readonly Given[]): readonly { readonly lookedMs: number; readonly floor: number }[] {
  return given.flatMap(({ verdict, lookedMs, size }) =>
    verdict === "deny" || lookedMs === null ? [] : [{ lookedMs, floor: floorMs(size) }],
  );
}
