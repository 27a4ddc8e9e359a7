import { voidNow } from "../action/index.ts";
import type { Tx } from "../db/db.ts";
import { newId } from "../floor/id.ts";
import {
  addresseesOf,
  advanceNoticeHeads,
  type Channel,
  closeNoticeHeads,
  countWaiting,
  dropMostDead,
  endWatch,
  headsNow,
  insertNotices,
  isFollowing,
  mostDead,
  type Notice,
  noteAnswered,
  noticeHeads,
  startHeads,
  takeNotices,
  tellOnce,
  watchOpen,
} from "../notify/index.ts";
import type { Control } from "./control.ts";
import { alertNotice, askedPeople, endedNotice, questionNotice, stopNotice, unknownNotice } from "./notice-of.ts";
import { endsOfWatched, heldNow, type NewsRow, tellingNews, untoldAlerts } from "./notice-sql.ts";

/** Entries of each writer that are passed in one transaction. */
const slice = 500;
/** What waits above this number is put among the dead letters at once: listed, and sent when somebody says so. */
const mostWaiting = 20_000;

/** The channels of the workspace in force. */
export function channelsOf({ keeper }: Pick<Control, "keeper">): readonly Channel[] {
  return keeper.loaded().workspace?.organisation.notifications ?? [];
}

/** Whether anybody is to be told anything, or questions move on by themselves: else nothing is followed. */
export function tellsAnything(control: Pick<Control, "keeper">): boolean {
  const { workspace } = control.keeper.loaded();
  return channelsOf(control).length > 0 || (workspace?.workflows ?? []).some(({ escalation }) => escalation.length > 0);
}

/**
 * Makes notices of what the ledger has since the last time. INVARIANT: how far it is read is noted in the transaction that
 * puts the notices in the outbox, so none is lost and none made twice. How many entries it passed; null where another
 * replica is at it.
 */
export function tellNews(control: Control): Promise<number | null> {
  return control.parts.db.transaction(async (tx) => {
    if (!(await takeNotices(tx))) return null;
    if (!(await isFollowing(tx))) {
      await startHeads(tx);
      for (const { id, workflow } of await heldNow(tx)) await watchOpen(tx, id, workflow);
      return 0;
    }
    // INVARIANT: first who is fenced, then what they wrote: a writer is only ever closed with all of its chain.
    const heads = await noticeHeads(tx);
    const stretches = await headsNow(tx, heads, slice);
    const news = stretches.filter(({ from, to }) => to > from);
    if (news.length > 0) {
      for (const row of await tellingNews(tx, news)) await tellOf(control, tx, row);
      await tellEnds(control, tx, await endsOfWatched(tx, news));
      await advanceNoticeHeads(tx, news);
    }
    const still = new Set(news.map(({ writer }) => writer));
    const gone = heads.filter(({ writer, fenced }) => fenced && !still.has(writer));
    if (gone.length > 0)
      await closeNoticeHeads(
        tx,
        gone.map(({ writer }) => writer),
      );
    if (channelsOf(control).some(({ on }) => on.includes("alert"))) await tellAlerts(control, tx);
    // What comes while the outbox is full is a dead letter at once: a channel that nobody mends fills no disk.
    if (news.length > 0 && (await fullness(tx)) !== null) {
      const dropped = await dropMostDead(tx);
      if (dropped > 0)
        control.parts.log.warn({ dropped }, `more than ${mostDead} dead letters: the oldest were dropped`);
    }
    return news.reduce((sum, { from, to }) => sum + to - from, 0);
  });
}

async function tellOf(control: Control, tx: Tx, row: NewsRow): Promise<void> {
  const { subject, person } = row;
  switch (row.kind) {
    case "held":
      if (isWatched(control, row.workflow)) await watchOpen(tx, subject, row.workflow ?? "");
      return tellAsked(control, tx, row);
    case "approved":
    case "glass":
    case "denied":
      return person === null ? undefined : noteAnswered(tx, subject, person);
    case "unknown":
      return put(control, tx, await unknownNotice(control, row));
    default:
      return put(control, tx, await stopNotice(control, tx, row));
  }
}

/** Where nobody is told anything and nothing escalates, nothing is watched. */
function isWatched(control: Control, workflow: string | null): boolean {
  const file = control.keeper.loaded().workspace?.workflows.find(({ name }) => name === workflow);
  return channelsOf(control).length > 0 || (file?.escalation ?? []).length > 0;
}

/** What waits no longer when it is read of is not asked any more. */
async function tellAsked(control: Control, tx: Tx, { subject, step }: NewsRow): Promise<void> {
  if (!channelsOf(control).some(({ on }) => on.includes("approval"))) return;
  const open = await control.hall.open(subject);
  if (open?.state !== "held") return;
  for (const { person, at, sentence } of step === 0 ? [] : await voidNow(control.parts, tx, [subject])) {
    // The same for the same answer, however often it is asked anew meanwhile.
    const event = `approval.voided:${subject}:${person}:${at}`;
    await put(control, tx, questionNotice("approval.voided", open, { event, people: [person], sentence }));
  }
  const people = askedPeople(control, open);
  await put(
    control,
    tx,
    questionNotice("approval.asked", open, { event: `approval.asked:${subject}:${step}`, people }),
  );
}

async function tellEnds(control: Control, tx: Tx, rows: readonly NewsRow[]): Promise<void> {
  const last = new Map(rows.map((row) => [row.subject, row]));
  for (const watched of await endWatch(tx, [...last.keys()])) {
    const row = last.get(watched.action);
    if (row === undefined || !channelsOf(control).some(({ on }) => on.includes("ended"))) continue;
    await put(control, tx, await endedNotice(control, row, watched));
  }
}

async function tellAlerts(control: Control, tx: Tx): Promise<void> {
  for (const alert of await untoldAlerts(tx)) {
    const notice = alertNotice(control, alert);
    if (await tellOnce(tx, notice.event)) await put(control, tx, notice);
  }
}

/** Puts a notice into the outbox, once for each channel and person. */
async function put(control: Control, tx: Tx, notice: Notice | undefined): Promise<void> {
  if (notice === undefined) return;
  const rows = rowsOf(control, notice);
  if (rows.length > 0) await insertNotices(tx, rows, await fullness(tx));
}

export function rowsOf(control: Pick<Control, "parts" | "keeper">, notice: Notice) {
  const { event, type, subject, body, workflow = null } = notice;
  return addresseesOf(notice, channelsOf(control)).map(({ channel, person }) => ({
    id: newId("ntc", control.parts.clock.now()),
    event,
    type,
    subject,
    workflow,
    channel,
    person,
    body,
  }));
}

/** Why nothing more may wait; null where it may. */
export async function fullness(tx: Tx): Promise<string | null> {
  const waiting = await countWaiting(tx, mostWaiting);
  return waiting < mostWaiting ? null : `${mostWaiting} notices waited already`;
}
