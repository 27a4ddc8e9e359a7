import { readSubject } from "../ledger/read.ts";
import { callDigest } from "./call.ts";
import { capture, withBefore } from "./capture.ts";
import { runBaseChecks } from "./consider.ts";
import { openRow } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { movedAway, resume, trackOf, withKeyAsNow } from "./resume.ts";
import { recordsOf } from "./stored-record.ts";

/** How long whoever looks waits for the target to be read, and for what it changes to be written. */
const longestMs = 3_000;
/** A target that is never the same twice is not asked about anew by each look at the new question. */
const restMs = 30_000;

/** What is not any more as it was recorded: the state of the target, or something else that an approval is bound to. */
export type Moved = "target" | "call";

/**
 * Reads the target of a held action again before somebody is shown it, or their approval is taken. Where it is not what
 * was recorded, the question is asked anew. INVARIANT: nothing is sent and nothing is refused by a look: what is allowed
 * or denied now is for the housekeeping. A target that cannot be read in time is shown as it was.
 */
export async function lookAgain(parts: Parts, id: string, { isAnswer = false } = {}): Promise<Moved | undefined> {
  const moved = await within(parts, movedSince(parts, id, isAnswer));
  if (moved !== undefined) await within(parts, resume(parts, id, { isLook: true }));
  return moved;
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

async function movedSince(parts: Parts, id: string, isAnswer: boolean): Promise<Moved | undefined> {
  const row = await openRow(parts.db, id);
  if (row === undefined || row.state !== "held" || row.frozen_by !== null) return undefined;
  const subject = await readSubject(parts.db, id, parts.wrap);
  const last = subject.entries.at(-1)?.entry;
  const isAnew = last?.kind === "held" && last.step > 0;
  if (!isAnswer && isAnew && parts.ledger.now() - Date.parse(last.at) < restMs) return undefined;
  const plane = parts.plane.current();
  const track = trackOf(plane, subject);
  if (track === undefined || movedAway(plane, track.call, subject) !== undefined) return undefined;
  const { caller, tool, classified } = track.call;
  const of = { agent: caller.agent, workflow: caller.workflow, tool: tool.id, system: classified.system };
  if (plane.caller(caller.agent, caller.workflow) === undefined || plane.stopFor(of) !== undefined) return undefined;
  if (plane.isPending?.(tool.id) === true) return undefined;
  const call = await withKeyAsNow(parts, track.call);
  // What is refused has nothing read for it.
  if ((await runBaseChecks(parts, call)).some(({ verdict }) => verdict !== "pass")) return undefined;
  const captured = await capture(parts, call);
  if (callDigest(withBefore(call, captured)) === row.call_digest) return undefined;
  const recorded = recordsOf(subject).findLast((record) => record?.decision !== undefined)?.before;
  const asWas = recorded === undefined ? call : { ...call, before: recorded };
  return callDigest(asWas) === row.call_digest ? "target" : "call";
}
