/** One step of an escalation: who is told how long after the question came up, and whether they may answer it. */
export interface Step {
  readonly to: string;
  readonly afterMs: number;
  readonly mayAnswer: boolean;
}

export interface Escalating {
  readonly openedAtMs: number;
  readonly expiresAtMs?: number;
  readonly nowMs: number;
  readonly steps: readonly Step[];
  /** Keys of what was told before. */
  readonly told: readonly string[];
  /** The people a step names today, with who covers for whom is away. */
  readonly peopleOf: (to: string) => readonly string[];
}

export interface Due {
  readonly key: string;
  readonly kind: "lapsing" | "escalated";
  readonly people: readonly string[];
  readonly step?: Step;
}

export interface Look {
  readonly due: readonly Due[];
  /** When to look again; absent where nothing more comes. */
  readonly nextAtMs?: number;
}

const shortestNoticeMs = 60_000;
const longestNoticeMs = 3_600_000;

/** A question is about to lapse in the last quarter of its time: at least a minute before, at most an hour. */
export function lapsingAt(openedAtMs: number, expiresAtMs: number): number {
  const quarter = (expiresAtMs - openedAtMs) / 4;
  return expiresAtMs - Math.min(longestNoticeMs, Math.max(shortestNoticeMs, quarter));
}

/** A step that is written differently is another step: a changed file escalates anew where it now says so. */
export function keyOf({ to, afterMs, mayAnswer }: Step): string {
  return `${to} after ${afterMs}${mayAnswer ? " may answer" : ""}`;
}

/** Who is to be told now about an open question, and when to look again. Pure. Nothing is due once its time is over. */
export function escalate(escalating: Escalating): Look {
  const { openedAtMs, expiresAtMs = Number.POSITIVE_INFINITY, nowMs, steps, told, peopleOf } = escalating;
  if (nowMs >= expiresAtMs) return { due: [] };
  const moments = [
    ...steps.map((step) => ({ atMs: openedAtMs + step.afterMs, key: keyOf(step), step })),
    ...(expiresAtMs === Number.POSITIVE_INFINITY
      ? []
      : [{ atMs: lapsingAt(openedAtMs, expiresAtMs), key: "lapsing", step: undefined }]),
  ]
    .filter(({ key, atMs }) => !told.includes(key) && atMs < expiresAtMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  const due = moments
    .filter(({ atMs }) => atMs <= nowMs)
    .map(({ key, step }): Due => {
      if (step === undefined) return { key, kind: "lapsing", people: [] };
      return { key, kind: "escalated", people: peopleOf(step.to), step };
    });
  const next = moments.find(({ atMs }) => atMs > nowMs);
  return { due, ...(next === undefined ? {} : { nextAtMs: next.atMs }) };
}
