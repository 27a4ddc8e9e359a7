import { type Mutant, told } from "./mutants.ts";
import type { Tried } from "./try-mutants.ts";

export interface Score {
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly uncovered: number;
}

export function scoreOf(all: readonly Tried[]): Score {
  const count = (verdict: Tried["verdict"]) => all.filter((one) => one.verdict === verdict).length;
  return {
    mutants: all.length,
    killed: count("killed"),
    timedOut: count("timed out"),
    survived: count("survived"),
    uncovered: count("uncovered"),
  };
}

/** The part of the mutants that some test notices; one that makes tests hang is noticed. */
export function rateOf({ mutants, killed, timedOut }: Score): number {
  return mutants === 0 ? Number.NaN : (killed + timedOut) / mutants;
}

/** The 95 % interval of Wilson for `hits` of `of`. E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. */
export function wilson(hits: number, of: number): readonly [low: number, high: number] {
  if (of === 0) return [0, 1];
  const z = 1.959964;
  const [p, zz] = [hits / of, z * z];
  const middle = (p + zz / (2 * of)) / (1 + zz / of);
  const half = (z / (1 + zz / of)) * Math.sqrt((p * (1 - p)) / of + zz / (4 * of * of));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** A uniform sample without replacement in random order, the same for the same seed: the first of it are a sample too. */
export function sampleOf<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  let state = seed >>> 0;
  // mulberry32
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const order = all.map((_, at) => at);
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  return order.slice(0, count).map((at) => all[at] as T);
}

/** The table by file, what was not noticed, and the score. */
export function written(all: readonly Tried[], equivalent: readonly Mutant[], from: number): string {
  const files = [...new Set(all.map(({ mutant }) => mutant.file))].sort();
  const width = Math.max(...files.map((file) => file.length), 5);
  const row = (name: string, { mutants, killed, timedOut, survived, uncovered }: Score, rate: number) =>
    [
      name.padEnd(width),
      ...[mutants, killed, timedOut, survived, uncovered].map((count) => String(count).padStart(9)),
      `${(100 * rate).toFixed(1)} %`.padStart(9),
    ].join(" ");
  const rows = files.map((file) => {
    const score = scoreOf(all.filter(({ mutant }) => mutant.file === file));
    return row(file, score, rateOf(score));
  });
  const score = scoreOf(all);
  const [low, high] = wilson(score.killed + score.timedOut, score.mutants);
  const unnoticed = all
    .filter(({ verdict }) => verdict === "survived" || verdict === "uncovered")
    .sort((one, other) => (told(one.mutant) < told(other.mutant) ? -1 : 1));
  return [
    [
      `${"".padEnd(width)} `,
      ...["mutants", "killed", "timed out", "survived", "uncovered"].map((name) => name.padStart(9)),
    ].join(" "),
    ...rows,
    row("all", score, rateOf(score)),
    "",
    ...unnoticed.map(
      ({ mutant, verdict, unasked }) =>
        `${verdict} ${told(mutant)}${unasked === undefined ? "" : ` (${unasked} slow tests were not asked)`}`,
    ),
    ...(unnoticed.length === 0 ? [] : [""]),
    `${equivalent.length} more are equivalent, as test/mutation/equivalent.yaml says`,
    all.length === from
      ? `score ${(100 * rateOf(score)).toFixed(1)} % of all ${from} mutants`
      : `score ${(100 * rateOf(score)).toFixed(1)} % of a sample of ${all.length} from ${from} mutants; 95 % interval ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`,
  ].join("\n");
}
