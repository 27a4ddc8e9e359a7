import type { ActionView } from "@countersign/contract";
import { surveyRun } from "../action/index.ts";
import { stateOf } from "../action/receipt-sql.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { asPlane } from "./as-plane.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { leftSteps } from "./left-steps-sql.ts";
import { barred, runsSince, settledTo } from "./reversal-scope.ts";
import {
  claimReversal,
  countSteps,
  dueReversals,
  endReversal,
  holdsReversal,
  keepReversal,
  leaveReversal,
  nextSteps,
  notOf,
  type ReversalRow,
  type StepRow,
  sentAt,
  setStep,
  type Told,
} from "./run-reversal-sql.ts";

const leaseMs = 30_000;
const lookAgainMs = 1_000;
const tryAgainMs = 2_000;
/** A budget of calls is counted by the minute, and each try that it refuses is recorded. */
const afterBudgetMs = 60_000;
/** What is looked through at most for what came meanwhile. */
const mostMeanwhile = 20_000;

/** Reversals that somebody has to go on with now. */
export function reversalsDue(control: Control, limit: number): Promise<readonly string[]> {
  return dueReversals(control.parts.db, limit);
}

/** What became of one step: the next one may begin, or all wait, or all stop. */
type Went = "next" | "lost" | ({ readonly waits: boolean; readonly inMs?: number } & Told);

/**
 * Goes on with a reversal as far as it comes: one undo at a time, and none before the one of what came later ended as
 * done. All that it goes by stands in rows and in the ledger, so any replica goes on where another was killed.
 */
export async function goOnReversing(control: Control, id: string, isOver: () => boolean): Promise<void> {
  const { db, ledger, log } = control.parts;
  let row: ReversalRow | undefined;
  try {
    row = await claimReversal(db, id, ledger.writer(), leaseMs);
    if (row === undefined) return;
    const seen = new Set<string>();
    while (!isOver()) {
      const steps = await nextSteps(db, row.id);
      if (steps.length === 0) return await end(control, row);
      const now = await goStep(control, row, steps, seen);
      if (now === "lost") return;
      if (now === "next") continue;
      return await leaveReversal(db, row, now, now.waits ? (now.inMs ?? lookAgainMs) : null);
    }
    await leaveReversal(db, row, undefined, 0);
  } catch (thrown) {
    log.warn({ reversal: id, cause: String(thrown) }, "a reversal could not go on; it is tried again");
    const told = { because: "unavailable", told: "it could not go on just now, and is tried again", about: null };
    if (row !== undefined) await leaveReversal(db, row, told, tryAgainMs).catch(() => undefined);
  }
}

async function goStep(
  control: Control,
  row: ReversalRow,
  steps: readonly (StepRow & { unsent: boolean })[],
  seen: Set<string>,
): Promise<Went> {
  // INVARIANT: nothing is undone while something of the run may still be sent: it would come last, and has to be undone first.
  const unsent = steps.filter((step) => step.unsent);
  if (unsent.length > 0) {
    for (const step of unsent) {
      const waits = await lookAtUnsent(control, row, step.deed);
      if (waits !== undefined) return waits;
    }
    return "next";
  }
  const [step] = steps;
  return step === undefined ? "next" : takeStep(control, row, step, seen);
}

async function lookAtUnsent(control: Control, row: ReversalRow, deed: string): Promise<Went | undefined> {
  const { db } = control.parts;
  const state = await stateOf(db, deed);
  if (state === "refused" || state === "failed") return settled(await setStep(db, row, deed, { state: "nothing" }));
  const sent = await sentAt(db, deed);
  if (sent !== undefined) return settled(await setStep(db, row, deed, { sent }));
  return waitFor("open", `\`${deed}\` is still ${state ?? "on its way"}: cancel it, or wait for its end`, deed);
}

function settled(isOurs: boolean): "lost" | undefined {
  return isOurs ? undefined : "lost";
}

const waitFor = (because: string, told: string, about: string): Went => ({ waits: true, because, told, about });
const stopAt = (because: string, told: string, about: string): Went => ({ waits: false, because, told, about });

async function takeStep(control: Control, row: ReversalRow, step: StepRow, seen: Set<string>): Promise<Went> {
  const { db } = control.parts;
  const { deed } = step;
  const set = async (to: Parameters<typeof setStep>[3]): Promise<Went> =>
    (await setStep(db, row, deed, to)) ? "next" : "lost";
  switch (await stateOf(db, deed)) {
    case "reversed":
      return set({ state: "done", ...(await undoneBy(control, deed)) });
    case "refused":
    case "failed":
      return set({ state: "nothing" });
    case "unknown":
      return waitFor("unknown", `nobody knows whether \`${deed}\` happened: somebody has to settle it`, deed);
    case "done":
      break;
    default:
      return waitFor("running", `\`${deed}\` is still running`, deed);
  }
  const begun = step.undo === null ? undefined : await viewOf(control, step.undo);
  if (begun !== undefined) return went(control, row, deed, begun);
  const person = personOf(control, row);
  const barredBy =
    person === undefined ? "they are no longer in the workspace" : await barredFrom(control, person, deed);
  if (person === undefined || barredBy !== undefined)
    return stopAt("forbidden", `${row.asked_by} may not undo \`${deed}\` any more: ${barredBy}`, deed);
  // The look may take long: nobody else begins with it meanwhile.
  if (!(await keepReversal(db, row, leaseMs))) return "lost";
  const came = await cameMeanwhile(control, row, seen);
  if (came !== undefined) return came;
  const undo = step.undo ?? newId("act", control.parts.clock.now());
  // INVARIANT: the id stands before the undo is asked for: whoever goes on after a crash finds that one, and makes no other.
  if (!(await setStep(db, row, deed, { undo })) || !(await keepReversal(db, row, leaseMs, settledTo(control))))
    return "lost";
  try {
    const { view } = await control.hall.reverse(person, deed, await reasonOf(control, row), undo, async (tx) => {
      if (!(await holdsReversal(tx, row))) throw new Problem("conflict", "another replica has it, or it was given up");
    });
    // It was being undone already, by whoever asked for that alone.
    if (view.id !== undo && !(await setStep(db, row, deed, { undo: view.id, isAlone: true }))) return "lost";
    return await went(control, row, deed, view);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === "unavailable" || thrown.code === "too_many") throw thrown;
    if ((await stateOf(db, deed)) !== "done") return "next";
    return stopAt("failed", `\`${deed}\` could not be undone: ${thrown.detail}`, deed);
  }
}

/** How it goes on by how an undo stands. */
async function went(control: Control, row: ReversalRow, deed: string, undo: ActionView): Promise<Went> {
  const { id, state, sentence, requirements } = undo;
  const { db } = control.parts;
  const isDone = state === "done" && (undo.isError !== true || (await stateOf(db, deed)) === "reversed");
  if (isDone) return (await setStep(db, row, deed, { state: "done", undo: id })) ? "next" : "lost";
  const it = `\`${id}\`, the undo of \`${deed}\`,`;
  switch (state) {
    case "held": {
      const needs = requirements.map((one) => one.sentence).join("; ");
      return waitFor("held", `${it} waits: ${needs === "" ? sentence : needs}`, id);
    }
    case "unknown":
      return waitFor("unknown", `nobody knows whether ${it} happened: somebody has to settle it`, id);
    case "refused":
      // That of a minute is there again by itself. That of a run or a day is for people to see.
      if (undo.refusal !== "budget" || !sentence.includes("in a minute"))
        return stopAt("refused", `${it} was refused`, id);
      if (!(await setStep(db, row, deed, { dropsUndo: true }))) return "lost";
      return {
        waits: true,
        because: "budget",
        told: `${it} is over the budget of calls`,
        about: id,
        inMs: afterBudgetMs,
      };
    case "failed":
      return stopAt("failed", `${it} failed`, id);
    case "done":
    case "reversed":
      return stopAt("failed", `${it} was answered with an error: look what is there`, id);
    default:
      return waitFor("running", `${it} runs`, id);
  }
}

/**
 * Something of the run, or of one opened under it since, that came after what was written down: it has to be undone first,
 * and nobody asked for that. `seen` is what was opened before and is no effect: a read stays one, and so does an undo.
 */
async function cameMeanwhile(control: Control, row: ReversalRow, seen: Set<string>): Promise<Went | undefined> {
  const { db } = control.parts;
  const fresh: string[] = [];
  const only = async (deeds: readonly string[]) => {
    const others = deeds.filter((deed) => !seen.has(deed));
    const unknown = others.length === 0 ? new Set<string>() : await notOf(db, row.id, others);
    fresh.push(...unknown);
    return unknown;
  };
  const { lines, isWhole } = await surveyRun(control.parts, [...row.runs, ...(await runsSince(control, row))], {
    after: row.seen_to,
    most: mostMeanwhile,
    only,
  });
  const came = lines.filter(({ fate }) => fate !== "reversed");
  const [first] = came;
  if (isWhole && first === undefined) {
    for (const one of fresh) seen.add(one);
    return undefined;
  }
  const many = isWhole ? `${came.length} more` : "too many more";
  return stopAt(
    "arrived",
    `the run goes on: ${many} came since this was asked for. Ask again to undo these first`,
    first?.deed ?? row.up_to,
  );
}

async function viewOf(control: Control, id: string): Promise<ActionView | undefined> {
  if ((await stateOf(control.parts.db, id)) === undefined) return undefined;
  return control.hall.get(asPlane, id);
}

async function undoneBy(control: Control, deed: string): Promise<{ readonly undo?: string }> {
  const { reversedBy } = await control.hall.get(asPlane, deed);
  return reversedBy === undefined ? {} : { undo: reversedBy };
}

/** Who asked, with what is in force for them now. */
function personOf(control: Control, row: ReversalRow): PersonCaller | undefined {
  const person = control.keeper.loaded().directory.people.get(row.asked_by);
  if (person === undefined) return undefined;
  const { email, name, roles, groups } = person;
  const { credential, vouched_by: vouchedBy } = row;
  return { kind: "person", email, name, roles, groups, credential, vouchedBy, method: "cli" };
}

async function barredFrom(control: Control, person: PersonCaller, deed: string): Promise<string | undefined> {
  const { workflow } = await control.hall.get(asPlane, deed);
  return barred(control, person, { workflow });
}

/** Why, as it was said; people who are asked about an undo are told that it is one of many. */
async function reasonOf(control: Control, { deed, run }: ReversalRow): Promise<string> {
  const { entries } = await readSubject(control.parts.db, deed, control.parts.wrap);
  const said = (entries[0]?.payload as { readonly reason?: unknown } | null | undefined)?.reason;
  const why = typeof said === "string" ? said : "what was said is erased";
  return `${why} (with all of run ${run})`;
}

const mostTold = 500;

async function end(control: Control, row: ReversalRow): Promise<void> {
  const { db } = control.parts;
  const [counts, left] = [await countSteps(db, row.id), await leftSteps(db, row.id, mostTold)];
  await govern(control, {
    kind: "activated",
    person: "countersign",
    payload: {
      deed: "reversed a run",
      run: row.run,
      runs: row.runs,
      reversal: row.id,
      askedBy: row.asked_by,
      undone: counts.done,
      left: counts.left,
      why: left,
    },
    raises: false,
    change: (tx) => endReversal(tx, row),
  });
}
