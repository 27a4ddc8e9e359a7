import { readSubject } from "../ledger/read.ts";
import { callDigest } from "./call.ts";
import { capture, withBefore } from "./capture.ts";
import { runBaseChecks } from "./consider.ts";
import { openRow } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { isOver, resume, trackOf, withKeyAsNow } from "./resume.ts";
import { recordsOf } from "./stored-record.ts";

/** How long whoever looks waits for the target to be read, and for what it changes to be written. */
const longestMs = 3_000;
/** Whoever is shown it again so soon is shown what the last look found. */
const sameMs = 3_000;
/** A target that is never the same twice is not asked about anew by each look at the new question. */
const restMs = 30_000;
export const mostKnown = 10_000;

/** What is not any more as it was recorded: the state of the target, or something else that an approval is bound to. */
export type Moved = "target" | "call";
/** `unread`: somebody who only looks has nothing read for them now. */
type Found = Moved | "unread" | undefined;

interface Looked {
  readonly found: Promise<Found>;
  /** Absent while anything of it is under way, also a read that nobody waits for any more. */
  endedMs?: number;
}

// Owned here alone: the last look of this replica at an action, the oldest first.
const looks = new WeakMap<Parts["inFlight"], Map<string, Looked>>();

export function looksOf({ inFlight }: Parts): Map<string, Looked> {
  const known = looks.get(inFlight) ?? new Map<string, Looked>();
  looks.set(inFlight, known);
  return known;
}

/**
 * Reads the target of a held action again before somebody is shown it, or their approval is taken. Where it is not what
 * was recorded, the question is asked anew. INVARIANT: nothing is sent and nothing is refused by a look: what is allowed
 * or denied now is for the housekeeping. A target that gives no answer, or none in time, is shown as it was. Looks of the
 * same time read once, and so do showings within seconds of each other.
 */
export async function lookAgain(parts: Parts, id: string, { isAnswer = false } = {}): Promise<Moved | undefined> {
  const known = looksOf(parts);
  for (let last = known.get(id); last !== undefined && !isPast(parts, last, isAnswer); ) {
    const found = await last.found;
    if (found !== "unread") return found;
    if (!isAnswer) return undefined;
    // Whoever answers has it read, with the others who do.
    const next = known.get(id);
    if (next === last) break;
    last = next;
  }
  const looked = begin(parts, id, isAnswer);
  forget(parts, known);
  known.delete(id);
  known.set(id, looked);
  const found = await looked.found;
  return found === "unread" ? undefined : found;
}

function isPast(parts: Parts, { endedMs }: Looked, isAnswer: boolean): boolean {
  return endedMs !== undefined && (isAnswer || parts.clock.tick() - endedMs >= sameMs);
}

function forget(parts: Parts, known: Map<string, Looked>): void {
  for (const [id, looked] of known) {
    if (known.size < mostKnown && !isPast(parts, looked, false)) return;
    known.delete(id);
  }
}

function begin(parts: Parts, id: string, isAnswer: boolean): Looked {
  let busy = 0;
  // Whoever waits for the work continues after this: it was said first.
  const follow = <T>(work: Promise<T>): Promise<T> => {
    const end = () => {
      busy--;
      if (busy === 0) looked.endedMs = parts.clock.tick();
    };
    busy++;
    work.then(end, end);
    return work;
  };
  const find = async (): Promise<Found> => {
    const found = await within(parts, follow(movedSince(parts, id, isAnswer)));
    if (found === undefined || found === "unread") return found;
    await within(parts, follow(resume(parts, id, isAnswer ? "answer" : "shown")));
    return found;
  };
  const looked: Looked = { found: find() };
  void follow(looked.found);
  return looked;
}

async function within<T>(parts: Parts, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), longestMs);
  });
  const done = work.catch((cause: unknown) => {
    parts.log.warn({ cause: String(cause) }, "a held action could not be looked at again");
    return undefined;
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function movedSince(parts: Parts, id: string, isAnswer: boolean): Promise<Found> {
  const row = await openRow(parts.db, id);
  if (row === undefined || row.state !== "held" || row.frozen_by !== null) return undefined;
  const subject = await readSubject(parts.db, id, parts.wrap);
  const last = subject.entries.at(-1)?.entry;
  const isAnew = last?.kind === "held" && last.step > 0;
  if (!isAnswer && isAnew && parts.ledger.now() - Date.parse(last.at) < restMs) return "unread";
  const plane = parts.plane.current();
  const track = trackOf(plane, subject);
  if (track === undefined || isOver(parts, plane, track, subject, row)) return undefined;
  const call = await withKeyAsNow(parts, track.call);
  // What is refused has nothing read for it.
  if ((await runBaseChecks(parts, call)).some(({ verdict }) => verdict !== "pass")) return undefined;
  const recorded = recordsOf(subject).findLast((record) => record?.decision !== undefined) ?? {};
  const asWas = callDigest(withBefore(call, recorded)) === row.call_digest;
  // It gets its mark, and a key that was revoked has nothing else read for whoever only looks.
  if (call.keyRevoked === true && !isAnswer) return asWas ? "unread" : "call";
  const captured = await capture(parts, call);
  // INVARIANT: what gave no answer did not change. What answers with an error did.
  if (captured.unreached === true || callDigest(withBefore(call, captured)) === row.call_digest) return undefined;
  return asWas ? "target" : "call";
}
