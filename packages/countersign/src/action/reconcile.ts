import type { JsonObject } from "@countersign/contract";
import { outcomeOf, type PlannedCall } from "../catalog/index.ts";
import { settleWindows } from "../costs/sql.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import { advance, type Track } from "./advance.ts";
import { settleAlert } from "./alert-sql.ts";
import { undoNames } from "./call.ts";
import { dueUnknown, lookAgain } from "./due-sql.ts";
import type { Parts } from "./parts.ts";
import { readThrough } from "./read-through.ts";
import type { OutcomeRecord } from "./record.ts";
import { trackOf } from "./resume.ts";
import { endOpen, reversedEntries } from "./settle.ts";
import { recordsOf } from "./stored-record.ts";

/** What a call may outlive its deadline by. */
const lateMs = 5_000;
const soonestLookMs = 1_000;
const latestLookMs = 300_000;
const atOnce = 10;

/** Looks whether the deed of an unknown action happened, where its connector says how; what cannot be settled stays a question for people. */
export async function reconcile(parts: Parts, id: string): Promise<"done" | "failed" | "unknown"> {
  const subject = await readSubject(parts.db, id, parts.wrap);
  const track = trackOf(parts.plane.current(), subject);
  if (track === undefined || track.state !== "unknown") return "unknown";
  const rule = track.call.classified.reconcile ?? track.call.tool.reconcile;
  if (rule === undefined) return "unknown";
  const intent = recordsOf(subject).findLast((payload) => payload?.plan !== undefined);
  const scope = { args: track.call.submission.args, before: intent?.before ?? null };
  const looks: PlannedCall[] = [];
  const outcome = await outcomeOf(rule, scope, async (look) => {
    looks.push(look);
    const read = await readThrough(parts, track.call, look);
    return "reason" in read ? read.error : read.result;
  });
  if (outcome === "unknown") return outcome;
  if (outcome === "failed" && parts.ledger.now() < lateUntilMs(subject, intent?.deadlineMs)) return "unknown";
  const happened = outcome === "done";
  await settleUnknownAs(parts, track, outcome, {
    kind: happened ? "answered" : "never_sent",
    reason: `a look at the target shows that it ${happened ? "happened" : "did not happen"}`,
    evidence: { ...evidenceOf(looks), happened },
  });
  return outcome;
}

/** What was read to tell it: the first look, and those that had to agree. */
function evidenceOf([first, ...more]: readonly PlannedCall[]): JsonObject {
  return { ...first, ...(more.length === 0 ? {} : { also: more.map(({ tool, args }) => ({ tool, args })) }) };
}

/** Until then the call may still be on its way or at work: that it is not to be seen says nothing. */
function lateUntilMs(subject: Subject, deadlineMs = 60_000): number {
  const sent = subject.entries.findLast(({ entry }) => entry.to_state === "running");
  return Date.parse(sent?.entry.at ?? "") + deadlineMs + lateMs;
}

export async function settleUnknownAs(
  parts: Parts,
  track: Track,
  to: "done" | "failed",
  record: OutcomeRecord,
  person?: string,
): Promise<void> {
  if (track.state !== "unknown") throw new Problem("conflict", `this action is ${track.state}, not unknown`);
  const { id } = track.call;
  const isError = record.isError === true || record.error !== undefined;
  const isGood = to === "done" && !isError;
  const also = isGood ? await reversedEntries(parts, track) : [];
  await advance(parts, track, [{ kind: "settled", to, payload: record, ...(person === undefined ? {} : { person }) }], {
    also,
    releases: isGood ? [] : undoNames(track.call),
    within: async (tx) => {
      await endOpen(tx, track.call);
      await settleAlert(tx, "unknown", id);
      await settleWindows(tx, id, to === "failed" ? "failed" : isError ? "error" : "done");
    },
  });
}

/** A person looked and says what happened. */
export async function settleByPerson(
  parts: Parts,
  person: PersonCaller,
  id: string,
  happened: boolean,
  evidence: string,
): Promise<void> {
  const track = trackOf(parts.plane.current(), await readSubject(parts.db, id, parts.wrap));
  if (track === undefined) throw new Problem("not_found", `there is no action \`${id.slice(0, 60)}\` here`);
  if (evidence.trim() === "") throw new Problem("invalid", "say how you know", { at: "/evidence" });
  const record: OutcomeRecord = {
    kind: happened ? "answered" : "never_sent",
    reason: `${person.email} looked: it ${happened ? "happened" : "did not happen"}`,
    evidence: { person: person.email, says: evidence },
  };
  await settleUnknownAs(parts, track, happened ? "done" : "failed", record, person.email);
}

/** Looks up the unknowns whose time has come; each that stays unknown is looked at again later and later. */
export async function reconcileAll(parts: Parts): Promise<void> {
  const due = await dueUnknown(parts.db, 100);
  for (let from = 0; from < due.length; from += atOnce) {
    await Promise.all(due.slice(from, from + atOnce).map((id) => reconcileOne(parts, id)));
  }
}

async function reconcileOne(parts: Parts, id: string): Promise<void> {
  try {
    if ((await reconcile(parts, id)) !== "unknown") return;
  } catch (cause) {
    parts.log.warn({ action: id, cause: String(cause) }, "an unknown could not be looked up");
  }
  const { entries } = await readSubject(parts.db, id, parts.wrap);
  const ageMs = parts.ledger.now() - Date.parse(entries.at(-1)?.entry.at ?? "");
  await lookAgain(parts.db, id, Math.min(Math.max(ageMs / 4, soonestLookMs), latestLookMs));
}
