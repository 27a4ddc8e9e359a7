import { recordsOf } from "../action/stored-record.ts";
import { type AnswerGoal, type AskedStay, type Kept, keptOf } from "../approvals/index.ts";
import { heldSince, type WaitRow, waitsOf } from "../ledger/held-sql.ts";
import { readSubject } from "../ledger/read.ts";
import type { Control } from "./control.ts";

const defaultOverMs = 7 * 86_400_000;
const mostAsked = 20_000;
/** Each of these is opened: what ended without an answer although there was time. */
const mostOpened = 500;

/** How fast people answered, against what the workspace wants. */
export interface AnswerTimes {
  readonly goal: AnswerGoal | null;
  readonly overMs: number;
  readonly all: Kept;
  readonly workflows: readonly (Kept & { readonly workflow: string })[];
  /** False where more was asked than is looked at: then the oldest are missing. */
  readonly isWhole: boolean;
}

/** Measured from the ledger's entries: when an action was first held, and how that ended. */
export async function measureAnswers(
  { parts, keeper }: Pick<Control, "parts" | "keeper">,
  workflow?: string,
): Promise<AnswerTimes> {
  const goal = keeper.loaded().workspace?.organisation.approvals.answerWithin;
  const overMs = goal?.overMs ?? defaultOverMs;
  const nowMs = parts.ledger.now();
  // A question that was put before the window may end, or pass its target, within it.
  const held = await heldSince(parts.db, nowMs - overMs - (goal?.targetMs ?? 0), workflow, mostAsked + 1);
  const waits = new Map(
    (
      await waitsOf(
        parts.db,
        held.map(({ subject }) => subject),
      )
    ).map((row) => [row.subject, row]),
  );
  const stays: AskedStay[] = [];
  let opened = 0;
  for (const { subject, workflow: of } of held.slice(0, mostAsked)) {
    const wait = waits.get(subject);
    if (wait === undefined) continue;
    const isLate = goal !== undefined && (wait.ended_ms ?? nowMs) - wait.held_ms > goal.targetMs;
    const asks = wait.ended_ms !== null && wait.answered_ms === null && !isLate && opened < mostOpened;
    if (asks) opened++;
    stays.push(stayOf(of, wait, asks ? await howEnded(parts, subject) : "withdrawn"));
  }
  const byWorkflow = Map.groupBy(stays, (one) => one.workflow);
  return {
    goal: goal ?? null,
    overMs,
    all: keptOf(stays, goal, nowMs, overMs),
    workflows: [...byWorkflow]
      .map(([name, own]) => ({ workflow: name, ...keptOf(own, goal, nowMs, overMs) }))
      .toSorted((one, other) => (one.workflow < other.workflow ? -1 : 1)),
    isWhole: held.length <= mostAsked && opened < mostOpened,
  };
}

type How = NonNullable<AskedStay["ended"]>["how"];

function stayOf(workflow: string, { held_ms: askedMs, ended_ms, answered_ms }: WaitRow, otherwise: How): AskedStay {
  if (ended_ms === null) return { workflow, askedMs };
  // An answer after which it waited on is followed by the one that ended it.
  const ended =
    answered_ms === null ? { atMs: ended_ms, how: otherwise } : { atMs: answered_ms, how: "answered" as const };
  return { workflow, askedMs, ended: { ...ended, atMs: Math.max(askedMs, ended.atMs) } };
}

/** What its last decision says of it; an erased one counts for nothing. */
async function howEnded({ db, wrap }: Control["parts"], subject: string): Promise<How> {
  const refusal = recordsOf(await readSubject(db, subject, wrap)).findLast(
    (one) => one?.refusal !== undefined,
  )?.refusal;
  if (refusal === "lapsed") return "lapsed";
  return refusal === "edited" ? "answered" : "withdrawn";
}
