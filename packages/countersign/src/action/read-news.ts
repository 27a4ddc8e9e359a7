import { entriesAfter } from "../ledger/log-sql.ts";
import { writerHeads } from "../ledger/look-sql.ts";
import type { Parts } from "./parts.ts";

/** How far a reader has read. */
export interface Heads {
  /** Of each writer that may still write, or ended shortly before the reader looked: the number of its last entry that was read. */
  readonly seqs: ReadonlyMap<string, number>;
  /** When the reader looked, by the database: microseconds since the epoch. */
  readonly atUs: number;
}

/** How long a writer that has ended is still known: the database's clock may be set back meanwhile. */
const keptUs = 10_000_000;

/** One thing that happened, without anything private. */
export interface News {
  readonly writer: string;
  readonly seq: number;
  readonly subject: string;
  readonly kind: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly person: string | null;
  readonly tool: string | null;
  readonly run: string | null;
}

/**
 * What all replicas have written after `heads`, at most `limit`; from now on where `heads` is left out. INVARIANT: first
 * which writers there are, then what they wrote: one that has ended is only ever forgotten with all of its chain.
 */
export async function readNews(
  parts: Parts,
  heads: Heads | undefined,
  limit: number,
): Promise<{ readonly news: readonly News[]; readonly heads: Heads }> {
  const { atUs, writers } = await writerHeads(parts.db, heads === undefined ? undefined : heads.atUs - keptUs);
  if (heads === undefined)
    return { news: [], heads: { atUs, seqs: new Map(writers.map(({ writer, seq }) => [writer, seq])) } };
  // A writer that the reader does not know began after it last looked, and may have ended since: it is read from its start.
  const seqs = new Map(heads.seqs);
  for (const { writer } of writers) if (!seqs.has(writer)) seqs.set(writer, -1);
  const from = [...seqs].map(([writer, seq]) => ({ writer, seq }));
  const rows = await entriesAfter(parts.db, from, limit);
  for (const row of rows) seqs.set(row.writer, row.seq);
  const wrote = new Set(rows.map((row) => row.writer));
  const stays = new Set(
    writers.flatMap(({ writer, endedUs }) => (endedUs === null || endedUs > atUs - keptUs ? [writer] : [])),
  );
  if (rows.length < limit)
    for (const { writer } of from) if (!stays.has(writer) && !wrote.has(writer)) seqs.delete(writer);
  return {
    heads: { atUs, seqs },
    news: rows.map(({ writer, seq, subject, kind, from_state, to_state, agent, workflow, person, tool, run }) => ({
      writer,
      seq,
      subject,
      kind,
      from: from_state,
      to: to_state,
      agent,
      workflow,
      person,
      tool,
      run,
    })),
  };
}
