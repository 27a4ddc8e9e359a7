import { canonical, type Json } from "@countersign/contract";
import {
  holdErasing,
  insertErasures,
  keepRetention,
  oldRuns,
  readRetention,
  runStates,
  type SubjectState,
  statesAfter,
  statesOf,
  whyNot,
} from "../erasure/index.ts";
import { digestText } from "../floor/digest.ts";
import { firstIdAt, newId } from "../floor/id.ts";
import type { Pace } from "../floor/pace.ts";
import { Problem } from "../floor/problem.ts";
import { takeLease } from "../ledger/log-sql.ts";
import type { Control } from "./control.ts";
import { finishErasures } from "./finish-erasures.ts";
import { govern } from "./govern.ts";

const leaseName = "retention";
const leaseMs = 60_000;
const batch = 500;

/**
 * Erases what workflows keep no longer: actions that ended before `logging.keep` ago, advisory decisions and the tasks
 * of runs, never what is open or preserved. Each batch is in the ledger before anything of it goes. How many it erased.
 */
export async function eraseOld(control: Control, pace: Pace): Promise<number> {
  const { db, ledger } = control.parts;
  if ((await takeLease(db, leaseName, ledger.writer(), leaseMs)) === null) return 0;
  // What a crash left half erased.
  while ((await finishErasures(control.parts)) > 0);
  let count = 0;
  for (const { name, logging } of control.keeper.loaded().workspace?.workflows ?? []) {
    const { keepMs } = logging;
    if (keepMs === undefined) continue;
    const workflow = { name, keepMs, beforeMs: ledger.now() - keepMs };
    for (const kind of ["act", "dec"] as const) count += await eraseOldOf(control, pace, workflow, kind);
    count += await eraseOldRuns(control, workflow);
  }
  return count;
}

interface Keeping {
  readonly name: string;
  readonly keepMs: number;
  /** What ended before this moment is kept no longer. */
  readonly beforeMs: number;
}

async function eraseOldOf(control: Control, pace: Pace, workflow: Keeping, kind: "act" | "dec"): Promise<number> {
  const { db, ledger } = control.parts;
  const before = firstIdAt(kind, workflow.beforeMs);
  let after = (await readRetention(db, workflow.name, kind)) ?? firstIdAt(kind, 0);
  let isWhole = true;
  let count = 0;
  while ((await takeLease(db, leaseName, ledger.writer(), leaseMs)) !== null) {
    const states = await statesAfter(db, workflow.name, after, before, batch);
    const due = states.filter((one) => isDue(one, workflow));
    await eraseBatch(control, workflow, due);
    count += due.length;
    // What waits (it is open, or preserved) is looked at again next time; what came before it is not.
    const erased = new Set(due);
    const waits = states.findIndex((one) => one.hasContent && !one.isErased && !erased.has(one));
    const upTo = waits === -1 ? states.at(-1)?.subject : states[waits - 1]?.subject;
    if (isWhole && upTo !== undefined) await keepRetention(db, workflow.name, kind, upTo);
    isWhole &&= waits === -1;
    if (states.length < batch) break;
    after = states.at(-1)?.subject ?? before;
    await pace.rest();
  }
  return count;
}

async function eraseOldRuns(control: Control, workflow: Keeping): Promise<number> {
  const { db } = control.parts;
  const states = await oldRuns(db, workflow.name, workflow.beforeMs, batch);
  const due = states.filter((one) => whyNot(one) === undefined);
  await eraseBatch(control, workflow, due);
  return due.length;
}

function isDue(one: SubjectState, { beforeMs }: Keeping): boolean {
  return whyNot(one) === undefined && Date.parse(one.lastAt) < beforeMs;
}

async function eraseBatch(control: Control, workflow: Keeping, due: readonly SubjectState[]): Promise<void> {
  if (due.length === 0) return;
  const subjects = due.map(({ subject }) => subject).sort();
  const deed = newId("gov", control.parts.clock.now());
  await govern(control, {
    kind: "erased",
    person: "countersign",
    workflow: workflow.name,
    payload: {
      retention: {
        workflow: workflow.name,
        keepMs: workflow.keepMs,
        count: subjects.length,
        first: subjects[0] ?? "",
        last: subjects.at(-1) ?? "",
        // Over the list of ids, sorted: which ones they were can be told from the receipts that name this deed.
        digest: digestText(canonical(subjects as unknown as Json)),
      },
    },
    id: deed,
    raises: false,
    change: async (tx) => {
      await holdErasing(tx);
      const now = [...(await statesOf(tx, subjects)), ...(await runStates(tx, subjects))];
      if (now.length !== subjects.length || now.some((one) => whyNot(one) !== undefined))
        throw new Problem("conflict", "what was to be erased has changed meanwhile; it is looked at again");
      await insertErasures(tx, subjects, deed);
    },
  });
  while ((await finishErasures(control.parts)) > 0);
}
