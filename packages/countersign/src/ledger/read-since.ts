import type { Tx } from "../db/db.ts";
import type { Subject } from "./read.ts";
import { decidingEntries, type SinceFilter, subjectsSince, wrappedKeys } from "./replay-sql.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";

const pageSize = 200;

/**
 * Actions that were asked for since a moment, newest first, page by page, with what their deciding entries hold opened.
 * Only reads.
 */
export async function* readSince(
  tx: Tx,
  filter: Omit<SinceFilter, "before">,
  wrap: KeyWrap,
): AsyncGenerator<readonly Subject[]> {
  let before = "act_~";
  for (;;) {
    const names = await subjectsSince(tx, { ...filter, before }, pageSize);
    const last = names.at(-1);
    if (last === undefined) return;
    before = last;
    const [entries, keys] = await Promise.all([decidingEntries(tx, names), wrappedKeys(tx, names)]);
    const bySubject = Map.groupBy(entries, (entry) => entry.subject);
    yield names.map((subject): Subject => {
      const wrapped = keys.get(subject);
      const key = wrapped === undefined ? null : SubjectKey.unwrap(subject, wrapped, wrap);
      const rows = bySubject.get(subject) ?? [];
      return {
        subject,
        key,
        entries: rows.map((entry) => ({ entry, payload: key?.open(entry.step, entry.sealed) ?? null })),
      };
    });
  }
}
