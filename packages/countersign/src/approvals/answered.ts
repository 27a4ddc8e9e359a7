import { endOfDay, localTime } from "../floor/local-time.ts";
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
 * What was answered between two moments, by days of a zone, or by weeks from the first moment on where that is long. The
 * first and the last day count as far as they lie between the moments. Pure.
 */
export function answeredOverTime(
  actions: readonly ReportedAction[],
  fromMs: number,
  toMs: number,
  zone: string,
): AnsweredOverTime {
  const by = toMs - fromMs <= mostDays * dayMs ? "day" : "week";
  const ends = by === "day" ? dayEnds(fromMs, toMs, zone) : weekEnds(fromMs, toMs);
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
  return { zone, by, stretches };
}

function dayEnds(fromMs: number, toMs: number, zone: string): readonly number[] {
  const ends: number[] = [];
  for (let at = fromMs; at < toMs; at = ends.at(-1) ?? toMs) {
    const day = localTime(zone, at)?.day ?? 0;
    ends.push(Math.min(toMs, Math.max(at + 1, endOfDay(zone, day) ?? toMs)));
  }
  return ends;
}

function weekEnds(fromMs: number, toMs: number): readonly number[] {
  const weeks = Math.ceil((toMs - fromMs) / (7 * dayMs));
  return Array.from({ length: weeks }, (_, at) => Math.min(toMs, fromMs + (at + 1) * 7 * dayMs));
}
