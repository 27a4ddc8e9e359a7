import { addStandIns, type OpenAction } from "../action/index.ts";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import {
  type Due,
  escalate,
  hasLooks,
  insertNotices,
  lookAgain,
  markTold,
  takeLooks,
  type WatchedRow,
} from "../notify/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { askedPeople, questionNotice } from "./notice-of.ts";
import { fullness, rowsOf } from "./tell-news.ts";

const mostAtOnce = 100;
/** After so many the next round is another. */
const mostRounds = 20;
const frozenMs = 30_000;

/** Looks at the open questions whose time has come: tells the next ones of the escalation, or that they are about to lapse. */
export async function escalateOpen(control: Control): Promise<void> {
  for (let round = 0; round < mostRounds && (await hasLooks(control.parts.db)); round++) {
    for (const watched of await takeLooks(control.parts.db, mostAtOnce)) await lookAt(control, watched);
  }
}

async function lookAt(control: Control, first: WatchedRow): Promise<void> {
  const { db, ledger, plane } = control.parts;
  const open = await control.hall.open(first.action);
  // Its end is told by the news, which stop the watch.
  if (open?.state !== "held") return lookAgain(db, first.action, null);
  if (open.frozenBy !== undefined) return lookAgain(db, first.action, ledger.now() + frozenMs);
  const { workspace } = control.keeper.loaded();
  const { due, nextAtMs } = escalate({
    openedAtMs: Date.parse(open.openedAt),
    ...(open.expiresAt === undefined ? {} : { expiresAtMs: Date.parse(open.expiresAt) }),
    nowMs: ledger.now(),
    steps: workspace?.workflows.find(({ name }) => name === open.workflow)?.escalation ?? [],
    told: first.told,
    peopleOf: (to) => plane.current().told?.(to, open.workflow) ?? [],
  });
  let watched = first;
  for (const one of due) {
    await take(control, open, watched, one);
    watched = { ...watched, told: [...watched.told, one.key] };
  }
  await lookAgain(db, first.action, nextAtMs ?? null);
}

/** One step, once: what is told, who may answer from now on, and the entry of it stand or fall together. */
async function take(control: Control, open: OpenAction, watched: WatchedRow, due: Due): Promise<void> {
  const people = due.kind === "lapsing" ? askedPeople(control, open) : due.people;
  const type = due.kind === "lapsing" ? "approval.lapsing" : "approval.escalated";
  const mayAnswer = due.step?.mayAnswer === true;
  const rows = rowsOf(
    control,
    questionNotice(type, open, { event: `${type}:${open.id}:${due.key}`, people, mayAnswer }),
  );
  const full = rows.length === 0 ? null : await fullness(control.parts.db);
  const tell = async (tx: Tx): Promise<void> => {
    if (!(await markTold(tx, watched, due.key)))
      throw new Problem("conflict", "another replica told of this already, or it has ended");
    await insertNotices(tx, rows, full);
  };
  const { step } = due;
  try {
    if (step === undefined) return await control.parts.db.transaction(tell);
    await govern(control, {
      kind: "escalated",
      person: "countersign",
      workflow: open.workflow,
      agent: open.agent,
      tool: `${open.server}.${open.tool}`,
      payload: { action: open.id, step, people: due.people, openedAt: open.openedAt },
      raises: false,
      change: async (tx) => {
        await tell(tx);
        if (step.mayAnswer && !(await addStandIns(tx, open.id, due.people)))
          throw new Problem("conflict", "it no longer waits for an answer");
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== "conflict") throw thrown;
  }
}
