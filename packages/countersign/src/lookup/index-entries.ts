import { setImmediate as turn } from "node:timers/promises";
import type { Json } from "@countersign/contract";
import type { Db, Tx } from "../db/db.ts";
import type { Log } from "../floor/log.ts";
import { type KeyWrap, SubjectKey } from "../ledger/seal.ts";
import { after, isAction, numberOf } from "./action-number.ts";
import {
  advanceHeads,
  closeHeads,
  growSegment,
  insertTerms,
  lagAfter,
  type NewsRow,
  newsAfter,
  openHeads,
  openSegment,
  segmentsBefore,
  takeIndex,
} from "./sql.ts";
import { keysOf, type TermKey } from "./term-key.ts";
import { type Findable, mostTerms, termsOf } from "./terms.ts";

/** Reads out of an entry's payload what may be pasted. */
export type ReadFindable = (
  payload: Json | null,
  names: { readonly agent: string | null; readonly workflow: string | null; readonly tool: string | null },
) => Findable;

export interface Indexing {
  readonly db: Db;
  readonly log: Log;
  readonly wrap: KeyWrap;
  readonly key: TermKey;
  readonly read: ReadFindable;
  /** Actions of a segment; tests make it small. */
  readonly segmentSize?: number;
}

const segmentSize = 4_096;
/** Entries that are read in one go: a millisecond or so, then calls have their turn. */
const turnEvery = 5;
const highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const lowest = "00000000-0000-0000-0000-000000000000";

/**
 * Indexes the next entries of all writers, at most `most`; how many it passed, or null where another process indexes.
 * INVARIANT: keys are read under the index's lock, which an erasure holds too: no term is written of what was erased.
 */
export function indexEntries(indexing: Indexing, most: number): Promise<number | null> {
  return indexing.db.transaction(async (tx) => {
    if (!(await takeIndex(tx))) return null;
    // INVARIANT: first who is fenced, then what they wrote: a writer is only ever closed with all of its chain.
    const heads = await openHeads(tx);
    const rows = await newsAfter(tx, heads, most);
    await place(indexing, tx, rows);
    if (rows.length > 0) await advanceHeads(tx, new Map(rows.map((row) => [row.writer, row.seq])));
    if (rows.length < most) {
      const wrote = new Set(rows.map((row) => row.writer));
      const silent = heads.filter(({ writer, fenced }) => fenced && !wrote.has(writer));
      // Only the next so many numbers are read: one that has later entries has a gap, and is not done.
      const behind = new Set((await lagAfter(tx, silent)).flatMap(({ writer, count }) => (count > 0 ? [writer] : [])));
      const gone = silent.filter(({ writer }) => !behind.has(writer));
      if (gone.length > 0)
        await closeHeads(
          tx,
          gone.map(({ writer }) => writer),
        );
    }
    return rows.length;
  });
}

/** Writes the terms of these entries into the segments that their actions fall into. */
async function place(indexing: Indexing, tx: Tx, rows: readonly NewsRow[]): Promise<void> {
  const telling = rows.filter((row) => row.sealed !== null && row.wrapped !== null && isAction(row.subject));
  if (telling.length === 0) return;
  const segments = [...(await segmentsBefore(tx, highest, 4))];
  const size = indexing.segmentSize ?? segmentSize;
  const newest = segments[0];
  if (newest === undefined || newest.actions >= size) {
    const number = (newest?.number ?? 0) + 1;
    const first = newest === undefined ? lowest : after(newest.last);
    await openSegment(tx, number, first);
    segments.unshift({ number, first, last: first, actions: 0 });
  }
  const told = new Map<string, { readonly segment: number; readonly digests: Set<number> }>();
  const grown = new Map<number, { last: string; actions: number }>();
  const keys = new Map<string, SubjectKey>();
  for (const [at, row] of telling.entries()) {
    if (at % turnEvery === turnEvery - 1) await turn();
    const action = numberOf(row.subject);
    const segment = segments.find((one) => one.first <= action)?.number ?? (await olderSegment(tx, action));
    const { digests } = told.get(action) ?? { digests: new Set() };
    for (const digest of openTerms(indexing, row, keys)) digests.add(digest);
    told.set(action, { segment, digests });
    const before = grown.get(segment) ?? { last: action, actions: 0 };
    grown.set(segment, { last: later(before.last, action), actions: before.actions + (row.step === 0 ? 1 : 0) });
  }
  await insertTerms(
    tx,
    Array.from(told, ([action, { segment, digests }]) => ({ action, terms: keysOf([segment], digests) })),
  );
  for (const [number, { last, actions }] of grown) await growSegment(tx, number, last, actions);
}

/** Uuids sort as text. */
function later(a: string, b: string): string {
  return a < b ? b : a;
}

async function olderSegment(tx: Tx, action: string): Promise<number> {
  const [found] = await segmentsBefore(tx, after(action), 1);
  return found?.number ?? 1;
}

function openTerms({ wrap, key, read, log }: Indexing, row: NewsRow, keys: Map<string, SubjectKey>): readonly number[] {
  if (row.sealed === null || row.wrapped === null) return [];
  let findable: Findable;
  try {
    const subjectKey = keys.get(row.subject) ?? SubjectKey.unwrap(row.subject, row.wrapped, wrap);
    keys.set(row.subject, subjectKey);
    findable = read(subjectKey.open(row.step, row.sealed), row);
  } catch (cause) {
    // It is found by its names all the same; what is wrong with it is for the log's own checks to say.
    log.error(
      { subject: row.subject, step: row.step, cause: String(cause) },
      "an entry could not be read for the index",
    );
    findable = read(null, row);
  }
  return termsOf(findable, row.step === 0 ? mostTerms.first : mostTerms.result).map((term) => key.digest(term));
}
