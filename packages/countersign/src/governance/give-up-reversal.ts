import { stateOf } from "../action/receipt-sql.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import { asPlane } from "./as-plane.ts";
import type { Control } from "./control.ts";
import { begunSteps, giveUp, settleSteps, takeToGiveUp, workflowsLeft, writtenReversal } from "./give-up-sql.ts";
import { govern } from "./govern.ts";
import { barred, runsOf } from "./reversal-scope.ts";
import { countSteps, newestReversal, openReversal, type ReversalRow, reversalRow } from "./run-reversal-sql.ts";

/** Longer than a cancellation takes. Whoever dies in between gave up nothing: it goes on, or stays stopped. */
const leaseMs = 30_000;

/**
 * A person says that the reversal of a run shall not go on: what is not undone stays, what of its undos waits for people
 * is cancelled, and what was sent is left to end. Its runs are free for another. Said again it is the same.
 */
export async function giveUpReversal(
  control: Control,
  person: PersonCaller,
  { run, reason }: { readonly run: string; readonly reason: string },
): Promise<string> {
  const { db, ledger, checking } = control.parts;
  const { workflow } = await runsOf(control, person, { run, children: false });
  const known = await openReversal(db, [run]);
  if (known === undefined) return sameAs(await newestReversal(db, run), run);
  if (known.run !== run)
    throw new Problem("conflict", `this is being reversed with run \`${known.run}\``, {
      help: "give that one up, where all of it shall not go on",
    });
  await requireRest(control, person, known);
  const row = await takeToGiveUp(db, known, ledger.writer(), leaseMs);
  if (row === undefined) return sameAs(await reversalRow(db, known.id), run);
  await settleSteps(db, row);
  const why = String(checking.redact(reason).value);
  const { cancelled, underWay, whys } = await endUndos(control, person, row, why);
  const counts = await countSteps(db, row.id);
  try {
    await govern(control, {
      kind: "activated",
      person: person.email,
      workflow,
      payload: {
        deed: "gave up the reversal of a run",
        run,
        runs: row.runs,
        reversal: row.id,
        askedBy: row.asked_by,
        reason: why,
        undone: counts.done,
        left: counts.left + counts.waiting,
        cancelled,
        underWay,
      },
      raises: false,
      change: (tx) => giveUp(tx, row, person.email, underWay, whys, stays),
    });
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== "conflict") throw thrown;
    const now = await writtenReversal(db, row.id);
    // Two people said it at once: the first one's is the deed, for both.
    if (now?.state === "given-up") return now.id;
    throw thrown;
  }
  return row.id;
}

const stays = "it was given up";

function sameAs(row: ReversalRow | undefined, run: string): string {
  if (row === undefined) throw new Problem("not_found", "nobody asked to reverse this run");
  if (row.state === "given-up" && row.run === run) return row.id;
  if (row.state === "ended" || row.state === "given-up")
    throw new Problem("conflict", "its reversal ended already; there is nothing to give up", {
      help: "what it undid can be done again by undoing its undos, one by one",
    });
  throw new Problem("conflict", "somebody asked to go on with it meanwhile", {
    help: "look how far it is, and ask again",
  });
}

/** INVARIANT: whoever may not ask for all that is left of it does not keep it from being undone. */
async function requireRest(control: Control, person: PersonCaller, { id }: ReversalRow): Promise<void> {
  for (const workflow of await workflowsLeft(control.parts.db, id)) {
    const because = barred(control, person, { workflow });
    if (because !== undefined)
      throw new Problem(
        "forbidden",
        `you may not give up what is undone in workflow \`${workflow ?? ""}\`: ${because}`,
        {
          help: "ask somebody who may",
        },
      );
  }
}

interface Undos {
  readonly cancelled: readonly string[];
  /** What nobody can take back: sent, or of somebody who asked for it by itself. */
  readonly underWay: string | null;
  readonly whys: readonly { readonly deed: string; readonly why: string }[];
}

/** INVARIANT: under the fence, after which no undo of it comes to be: those that are there are all. */
async function endUndos(control: Control, person: PersonCaller, row: ReversalRow, reason: string): Promise<Undos> {
  const { db } = control.parts;
  const cancelled: string[] = [];
  const whys: { deed: string; why: string }[] = [];
  let underWay: string | null = null;
  for (const { deed, undo, isAlone } of await begunSteps(db, row.id)) {
    const found = await stateOf(db, undo);
    const state = isAlone || !isUnsent(found) ? found : await cancelUnsent(control, person, undo, reason);
    if (state === "refused") {
      if (!(await isGivenUp(control, undo))) continue;
      cancelled.push(undo);
      whys.push({ deed, why: `${stays}, and its undo, which waited, was cancelled` });
    } else if (state !== undefined && state !== "failed") {
      // Also what ended a moment ago: whoever reads of it looks how.
      underWay ??= undo;
      const alone = `${stays}; its undo was asked for by itself, too`;
      whys.push({ deed, why: isUnsent(state) ? alone : `${stays} while its undo was under way` });
    }
  }
  return { cancelled, underWay, whys };
}

function isUnsent(state: string | undefined): boolean {
  return state === "held" || state === "ready";
}

const because = "the reversal of its run was given up: ";

/** How it stands after: what was answered or sent in the meantime is not taken back. */
async function cancelUnsent(control: Control, person: PersonCaller, undo: string, reason: string) {
  try {
    return (await control.hall.cancel(person, undo, `${because}${reason}`, "unsent")).state;
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== "conflict") throw thrown;
    const state = await stateOf(control.parts.db, undo);
    if (isUnsent(state)) throw thrown;
    return state;
  }
}

/** Whether it was cancelled for this, here or by somebody who gave up the same reversal at once. */
async function isGivenUp(control: Control, undo: string): Promise<boolean> {
  const { refusal, sentence } = await control.hall.get(asPlane, undo);
  return refusal === "cancelled" && sentence.includes(`: ${because}`);
}
