import type { Json, State } from "@countersign/contract";
import type { Session } from "../db/db.ts";
import { type CallFilter, eachOfCalls, type Page } from "./replay-sql.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";

/** One entry of a call: what it moved it to and when, and what it says where that was opened. */
export interface CallEntry {
  readonly step: number;
  readonly to: State | null;
  readonly atMs: number;
  readonly payload: Json | null;
}

/** Opens the calls of some tools on a page with how they ended, newest first; what was erased is left out. Only reads. */
export async function readCalls(
  session: Session,
  filter: CallFilter,
  page: Page,
  wrap: Pick<KeyWrap, "open">,
  each: (subject: string, entries: readonly CallEntry[]) => void,
): Promise<void> {
  let at: { readonly subject: string; readonly key: SubjectKey | null; readonly entries: CallEntry[] } | undefined;
  const give = (): void => {
    if (at !== undefined && at.key !== null) each(at.subject, at.entries);
  };
  await eachOfCalls(session, filter, page, ([named, wrapped, numbered, moved, moment, sealed]) => {
    if (named == null || numbered == null || moment == null) return;
    const subject = named.toString("latin1");
    if (at?.subject !== subject) {
      give();
      at = { subject, key: wrapped == null ? null : SubjectKey.unwrap(subject, wrapped, wrap), entries: [] };
    }
    const { key, entries } = at;
    if (key === null) return;
    const step = numbered.readInt32BE(0);
    entries.push({
      step,
      to: (moved?.toString("latin1") as State | undefined) ?? null,
      atMs: Math.round(moment.readDoubleBE(0)),
      payload: sealed == null ? null : key.open(step, sealed),
    });
  });
  give();
}
