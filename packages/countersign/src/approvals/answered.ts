import { endOfDay, type ZoneClock } from "../floor/local-time.ts";
import { type Quantiles, quantiles } from "./queue.ts";
import type { ReportedAction } from "./report.ts";

/** What people answered over a stretch of time. */
export interface Answered {
  readonly fromMs: number;
  readonly toMs: number;
  readonly questions: number;
  /** From when an action was first held to the answer that ended it. */
  readonly decideMs: Quantiles | null;
}

export interface AnsweredOverTime {
  readonly zone: string;
  readonly by: "day" | "week";
  readonly stretches: readonly Answered[];
}

const dayMs = 86_400_000;
/** A longer period is told by weeks. */
const mostDays = 56;

/**
 * What was answered between the first bound and the last, by days of a zone, or from bound to bound where that is long.
 * The first and the last day count as far as they lie between these. Pure.
 */
export function answeredOverTime(
  actions: readonly ReportedAction[],
  bounds: readonly number[],
  clock: ZoneClock,
): AnsweredOverTime {
  const [fromMs = 0] = bounds;
  const toMs = bounds.at(-1) ?? fromMs;
  // Days are as long as they are: clocks may be changed between the bounds.
  const by = Math.round((toMs - fromMs) / dayMs) <= mostDays ? "day" : "week";
  const ends = by === "day" ? dayEnds(fromMs, toMs, clock) : bounds.slice(1);
  const answered = actions.flatMap(({ answer, questions }) => (answer === undefined ? [] : [{ ...answer, questions }]));
  const stretches = ends.map((endMs, at) => {
    const startMs = ends[at - 1] ?? fromMs;
    const own = answered.filter(({ atMs }) => atMs >= startMs && atMs < endMs);
    return {
      fromMs: startMs,
      toMs: endMs,
      questions: own.reduce((sum, { questions }) => sum + questions.length, 0),
      decideMs: quantiles(own.map(({ decideMs }) => decideMs)),
    };
  });
  return { zone: clock.zone, by, stretches };
}

function dayEnds(fromMs: number, toMs: number, clock: ZoneClock): readonly number[] {
  const ends: number[] = [];
  for (let at = fromMs; at < toMs; at = ends.at(-1) ?? toMs) {
    const day = clock.at(at)?.day ?? 0;
    ends.push(Math.min(toMs, Math.max(at + 1, endOfDay(clock, day) ?? toMs)));
  }
  return ends;
}
