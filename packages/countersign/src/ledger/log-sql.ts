import type { Tx } from "../db/db.ts";
import type { FullTile } from "./tree.ts";

/** Takes or renews a lease; the fence, or null where another holds it. */
export async function takeLease(tx: Tx, name: string, holder: string, ms: number): Promise<number | null> {
  const { rows } = await tx.query<{ fence: number }>({
    name: "lease-take",
    text: `insert into lease as l (name, holder, fence, expires_at)
      values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
      on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
        fence = l.fence + case when l.holder = excluded.holder then 0 else 1 end
      where l.holder = excluded.holder or l.expires_at < clock_timestamp()
      returning fence`,
    values: [name, holder, ms],
  });
  return rows[0]?.fence ?? null;
}

/** Locks a lease for the rest of the transaction; false where it is no longer this holder's. */
export async function holdLease(tx: Tx, name: string, holder: string, fence: number): Promise<boolean> {
  const text = `select 1 from lease where name = $1 and holder = $2 and fence = $3 and expires_at > clock_timestamp() for update`;
  return (await tx.query({ name: "lease-hold", text, values: [name, holder, fence] })).rows.length === 1;
}

export async function dropOwnLease(tx: Tx, name: string, holder: string): Promise<void> {
  await tx.query(
    "update lease set expires_at = clock_timestamp() - interval '1 second' where name = $1 and holder = $2",
    [name, holder],
  );
}

export async function latestCheckpoint(tx: Tx): Promise<{ size: number; note: string; at: string } | null> {
  const text = "select size, note, at from checkpoint order by size desc limit 1";
  return (
    (await tx.query<{ size: number; note: string; at: string }>({ name: "checkpoint-latest", text })).rows[0] ?? null
  );
}

export async function checkpointAt(tx: Tx, size: number): Promise<string | null> {
  return (
    (await tx.query<{ note: string }>("select note from checkpoint where size = $1", [size])).rows[0]?.note ?? null
  );
}

export async function insertCheckpoint(tx: Tx, size: number, note: string): Promise<void> {
  await tx.query("insert into checkpoint (size, note) values ($1, $2)", [size, note]);
}

/** Writers that may still write or whose chain is not all in the tree. */
export async function openWriters(tx: Tx): Promise<readonly { id: string; fenced: boolean }[]> {
  const text = `select id, fenced_at is not null as fenced from writer w
    where not exists (select 1 from checkpoint_closed c where c.writer = w.id)
      and (w.fenced_at is null or exists (select 1 from entry e where e.writer = w.id and e.seq = 0)) order by id collate "C"`;
  return (await tx.query<{ id: string; fenced: boolean }>({ name: "log-writers", text })).rows;
}

export interface ChainRow {
  readonly writer: string;
  readonly seq: number;
  readonly leaf: Buffer;
  readonly hash: Buffer;
  readonly subject: string;
  readonly step: number;
  readonly kind: string;
  readonly from_state: string | null;
  readonly to_state: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly person: string | null;
  readonly tool: string | null;
  readonly run: string | null;
}

const chainColumns =
  "e.writer, e.seq, e.leaf, e.hash, e.subject, e.step, e.kind, e.from_state, e.to_state, e.agent, e.workflow, e.person, e.tool, e.run";

/** What each writer has written after the number given for it (-1: from the start), by writer and number. */
export async function entriesAfter(
  tx: Tx,
  heads: readonly { readonly writer: string; readonly seq: number }[],
  limit: number,
): Promise<readonly ChainRow[]> {
  const text = `select ${chainColumns} from unnest($1::text[], $2::bigint[]) as h (writer, seq)
    cross join lateral (select * from entry where entry.writer = h.writer and entry.seq > h.seq and entry.seq <= h.seq + $3 order by entry.seq limit $3) e
    order by e.writer collate "C", e.seq limit $3`;
  const values = [heads.map((head) => head.writer), heads.map((head) => head.seq), limit];
  return (await tx.query<ChainRow>({ name: "log-entries", text, values })).rows;
}

/** Of these writers, the number of the last entry that each has. */
export async function lastSeqs(tx: Tx, writers: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const text = `select w.id as writer, (select max(e.seq) from entry e where e.writer = w.id) as seq
    from unnest($1::text[]) as w (id)`;
  const { rows } = await tx.query<{ writer: string; seq: number | null }>({
    name: "log-last",
    text,
    values: [writers],
  });
  return new Map(rows.map(({ writer, seq }) => [writer, seq ?? -1]));
}

/** A stretch of one writer's chain as it stands in the tree. */
export interface Span {
  readonly index: number;
  readonly writer: string;
  readonly seq: number;
  readonly count: number;
}

export async function insertSpans(tx: Tx, spans: readonly Span[]): Promise<void> {
  await tx.query({
    name: "log-spans",
    text: `insert into tree_span (index, writer, seq, count)
      select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::int[])`,
    values: [
      spans.map((span) => span.index),
      spans.map((span) => span.writer),
      spans.map((span) => span.seq),
      spans.map((span) => span.count),
    ],
  });
}

export async function insertTiles(tx: Tx, tiles: readonly FullTile[]): Promise<void> {
  for (const tile of tiles) {
    await tx.query({
      name: "log-tile",
      text: "insert into tile (level, index, hashes, root) values ($1, $2, $3, $4)",
      values: [tile.level, tile.index, tile.hashes, tile.root],
    });
  }
}

export async function fullTile(tx: Tx, level: number, index: number): Promise<Buffer | null> {
  const text = "select hashes from tile where level = $1 and index = $2";
  return (
    (await tx.query<{ hashes: Buffer }>({ name: "log-tile-full", text, values: [level, index] })).rows[0]?.hashes ??
    null
  );
}

// Entries at the places $1 (inclusive) to $2 of the tree. The span that holds the first of them begins at it or before.
const inTree = `from tree_span s join entry e on e.writer = s.writer
    and e.seq between s.seq + greatest($1 - s.index, 0) and s.seq + least(s.count::bigint, $2 - s.index) - 1
  where s.index < $2 and s.index >= coalesce((select max(index) from tree_span where index <= $1), 0)`;

/** Hashes `from` (inclusive) to `to` of a level, as far as they exist: leaf hashes, or roots of the tiles below. */
export async function hashesOf(tx: Tx, level: number, from: number, to: number): Promise<readonly Buffer[]> {
  const text =
    level === 0
      ? `select e.hash ${inTree} order by s.index + e.seq - s.seq`
      : `select root as hash from tile where level = ${level - 1} and index >= $1 and index < $2 order by index`;
  return (await tx.query<{ hash: Buffer }>(text, [from, to])).rows.map((row) => row.hash);
}

export async function leavesOf(
  tx: Tx,
  entries: readonly { readonly writer: string; readonly seq: number }[],
): Promise<readonly { writer: string; seq: number; index: number }[]> {
  const text = `select e.writer, e.seq, s.index + e.seq - s.seq as index
    from unnest($1::text[], $2::bigint[]) as e (writer, seq)
    cross join lateral (select * from tree_span where writer = e.writer and seq <= e.seq order by seq desc limit 1) s
    where e.seq < s.seq + s.count`;
  const values = [entries.map((entry) => entry.writer), entries.map((entry) => entry.seq)];
  return (await tx.query<{ writer: string; seq: number; index: number }>({ name: "log-leaves-of", text, values })).rows;
}

/** Entries in tree order. `tree_hash` is the tree's own hash wherever a full tile holds it, else the entry's. */
export async function entriesInTree(
  tx: Tx,
  from: number,
  to: number,
): Promise<readonly (ChainRow & { index: number; tree_hash: Buffer })[]> {
  const text = `select p.*, coalesce(substring(t.hashes from (p.index % 256)::int * 32 + 1 for 32), p.hash) as tree_hash
    from (select s.index + e.seq - s.seq as index, ${chainColumns} ${inTree}) p
    left join tile t on t.level = 0 and t.index = p.index / 256 order by p.index`;
  return (
    await tx.query<ChainRow & { index: number; tree_hash: Buffer }>({ name: "log-in-tree", text, values: [from, to] })
  ).rows;
}

export interface ClosedRow {
  readonly writer: string;
  readonly seq: number;
  readonly hash: Buffer;
}

/** The first `count` writers that were closed. */
export async function closedWriters(tx: Tx, count: number): Promise<readonly ClosedRow[]> {
  return (
    await tx.query<ClosedRow>("select writer, seq, hash from checkpoint_closed where position < $1 order by position", [
      count,
    ])
  ).rows;
}

export async function insertClosed(tx: Tx, position: number, row: ClosedRow): Promise<void> {
  await tx.query("insert into checkpoint_closed (position, writer, seq, hash) values ($1, $2, $3, $4)", [
    position,
    row.writer,
    row.seq,
    row.hash,
  ]);
}

export interface KeyRow {
  readonly vkey: string;
  readonly introduced_by: string | null;
  readonly from_size: number | null;
  readonly until_size: number | null;
  readonly receipt: string | null;
}

export async function logKeys(tx: Tx): Promise<readonly KeyRow[]> {
  const text = "select vkey, introduced_by, from_size, until_size, receipt from log_key order by from_size nulls last";
  return (await tx.query<KeyRow>({ name: "log-keys", text })).rows;
}

export async function insertFirstKey(tx: Tx, vkey: string): Promise<boolean> {
  const text =
    "insert into log_key (vkey, from_size) select $1, 0 where not exists (select 1 from log_key) on conflict do nothing returning 1";
  return (await tx.query(text, [vkey])).rows.length === 1;
}

export async function insertNextKey(tx: Tx, vkey: string, introducedBy: string): Promise<void> {
  await tx.query("insert into log_key (vkey, introduced_by) values ($1, $2)", [vkey, introducedBy]);
}

export async function deleteNextKey(tx: Tx, vkey: string): Promise<void> {
  await tx.query("delete from log_key where vkey = $1 and from_size is null", [vkey]);
}

export async function turnKey(tx: Tx, size: number): Promise<void> {
  await tx.query("update log_key set until_size = $1 where from_size is not null and until_size is null", [size]);
  await tx.query("update log_key set from_size = $1 where from_size is null", [size]);
}

export async function keepKeyReceipt(tx: Tx, vkey: string, receipt: string): Promise<void> {
  await tx.query("update log_key set receipt = $2 where vkey = $1", [vkey, receipt]);
}

/** A key whose entry was never written, because its writer was lost meanwhile. */
export async function dropStaleKey(tx: Tx): Promise<void> {
  await tx.query(`delete from log_key k where from_size is null and at < clock_timestamp() - interval '1 minute'
    and not exists (select 1 from entry e where e.subject = k.introduced_by)`);
}
