import { entriesAfter } from "../ledger/log-sql.ts";
import { writerHeads } from "../ledger/look-sql.ts";
import type { Parts } from "./parts.ts";

/** How far a reader has read each writer's chain. */
export type Heads = ReadonlyMap<string, number>;

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

/** What all replicas have written after `heads`, at most `limit`; from now on where `heads` is left out. */
export async function readNews(
  parts: Parts,
  heads: Heads | undefined,
  limit: number,
): Promise<{ readonly news: readonly News[]; readonly heads: Heads }> {
  const live = await writerHeads(parts.db);
  if (heads === undefined) return { news: [], heads: new Map(live.map(({ writer, seq }) => [writer, seq])) };
  // A writer that the reader does not know began after it last looked: it is read from its start.
  const from = new Map(heads);
  for (const { writer } of live) if (!from.has(writer)) from.set(writer, -1);
  const rows = await entriesAfter(
    parts.db,
    [...from].map(([writer, seq]) => ({ writer, seq })),
    limit,
  );
  const next = new Map(from);
  for (const row of rows) next.set(row.writer, row.seq);
  const alive = new Set(live.map(({ writer }) => writer));
  const wrote = new Set(rows.map((row) => row.writer));
  if (rows.length < limit)
    for (const writer of next.keys()) if (!alive.has(writer) && !wrote.has(writer)) next.delete(writer);
  return {
    heads: next,
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
