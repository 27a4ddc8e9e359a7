import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import type { Track } from "./advance.ts";
import { openAlert } from "./alert-sql.ts";
import type { Parts } from "./parts.ts";
import { settleUnknownAs } from "./reconcile.ts";
import type { OutcomeRecord } from "./record.ts";
import { type Settled, settle } from "./settle.ts";
import { recount } from "./windows.ts";

const longestWaitMs = 2000;

/**
 * Writes the outcome of what was dispatched, however long the database is away: it is the only witness of the answer.
 * Where this replica was taken for dead meanwhile, the late answer settles what the others recorded as unknown.
 */
export async function recordOutcome(parts: Parts, track: Track, settled: Settled): Promise<void> {
  let lean = settled;
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      await settle(parts, track, lean);
      return;
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      if (thrown.code === "conflict") {
        if (await amend(parts, track, lean)) return;
      } else if (thrown.code !== "unavailable" && thrown.code !== "too_many") {
        if (lean !== settled) throw thrown;
        // What cannot be stored must not keep the outcome from being stored.
        lean = { record: withoutResult(settled.record) };
        continue;
      }
      if (parts.ledger.closed()) throw thrown;
      await sleep(waitMs, undefined, { ref: false });
    }
  }
}

function withoutResult(record: OutcomeRecord): OutcomeRecord {
  const { result: _, error: __, given, ...rest } = record;
  const digests = given?.map(({ answer: _answer, ...one }) => one);
  return { ...rest, ...(digests === undefined ? {} : { given: digests }), withheld: "the result cannot be stored" };
}

/** Somebody else moved it on. True where nothing is left to write. */
async function amend(parts: Parts, track: Track, { record }: Settled): Promise<boolean> {
  try {
    const { entries } = await readSubject(parts.db, track.call.id, parts.wrap);
    const last = entries.at(-1)?.entry;
    const to = record.kind === "never_sent" || record.kind === "stopped" ? "failed" : "done";
    if (last === undefined || record.kind === "lost") return true;
    if (last.to_state === "unknown") {
      const { fence: _, ...call } = track;
      const late: Track = { ...call, state: "unknown", step: last.step + 1 };
      await settleUnknownAs(parts, late, to, { ...record, evidence: { late: true } });
      return true;
    }
    if (last.to_state === "running") return false;
    const isError = record.isError === true || record.error !== undefined;
    const sent = entries.findLast(({ entry }) => entry.to_state === "running")?.entry.at;
    if (track.counted === true && sent !== undefined)
      await recount(parts, track.call, to === "failed" ? "failed" : isError ? "error" : "done", sent);
    if ((last.to_state === "failed") !== (to === "failed")) await contradict(parts, track, String(last.to_state), to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Problem && (thrown.code === "unavailable" || thrown.code === "conflict")) return false;
    throw thrown;
  }
}

/** It was settled one way, and the late answer says the other: an ended action stays as it is, its windows count what happened, and people are told. */
async function contradict(parts: Parts, track: Track, was: string, late: string): Promise<void> {
  const { id, tool } = track.call;
  const sentence = `\`${tool.id}\` was settled as ${was}, and its late answer says ${late}`;
  parts.log.error({ action: id, was, late }, "a late answer contradicts the record");
  await openAlert(parts.db, newId("gov", parts.clock.now()), "contradiction", id, sentence);
}
