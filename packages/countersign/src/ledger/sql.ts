import type { Db, Session, Tx } from "../db/db.ts";
import type { Placed } from "./entry.ts";

export interface Claim {
  readonly name: string;
  readonly subject: string;
  readonly value: string;
  /** Milliseconds from now; absent: until released. */
  readonly forMs?: number;
}

export interface Rows {
  readonly placed: readonly Placed[];
  readonly keys: readonly { readonly subject: string; readonly wrapped: Buffer }[];
  readonly claims: readonly Claim[];
  readonly releases: readonly string[];
}

const guard = "guard as (select 1 from writer where id = $1 and fenced_at is null for share)";

// The columns are read out of the leaves themselves, so that row and leaf cannot differ; a `json` keeps its text to the
// byte. Hashes and sealed payloads lie in one run of bytes, which travels unencoded.
const insertEntries = `insert into entry
  (writer, seq, subject, step, kind, from_state, to_state, agent, workflow, person, tool, run, at, leaf, hash, sealed)
  select $1, r.seq, r.subject, r.step, r.kind, r."from", r."to", r.agent, r.workflow, r.person, r.tool, r.run,
         r.at, convert_to(l.leaf::text, 'UTF8'), substring($3::bytea from l.start for 32),
         substring($3::bytea from l.start + 32 for l.size)
  from rows from (json_array_elements($2::json), unnest($4::int[]), unnest($5::int[])) as l(leaf, start, size),
       json_to_record(l.leaf) as r(seq bigint, subject text, step int, kind text, "from" text, "to" text,
       agent text, workflow text, person text, tool text, run text, at timestamptz)
  where exists (select 1 from guard) returning 1`;

const insertKeys = `insert into subject_key (subject, wrapped)
  select r.subject, decode(r.wrapped, 'base64') from json_to_recordset($6::json) as r(subject text, wrapped text)
  where exists (select 1 from guard)`;

const insertClaims = `insert into claim (name, subject, value, expires_at)
  select r.name, r.subject, r.value, clock_timestamp() + r.for_ms * interval '1 millisecond'
  from json_to_recordset($7::json) as r(name text, subject text, value text, for_ms double precision)
  where exists (select 1 from guard)`;

const deleteClaims = "delete from claim where name = any($8::text[]) and exists (select 1 from guard)";

const entriesOnly = `with ${guard}, e as (${insertEntries}) select count(*)::int as count from e`;
const plain = `with ${guard}, k as (${insertKeys}), e as (${insertEntries}) select count(*)::int as count from e`;
const whole = `with ${guard}, k as (${insertKeys}), c as (${insertClaims}), d as (${deleteClaims}), e as (${insertEntries})
  select count(*)::int as count from e`;

/** One statement that is its own transaction: nothing is written where the writer has been fenced. */
export async function insertBatch(tx: Tx, writer: string, rows: Rows): Promise<number> {
  const values: unknown[] = [writer, ...entryValues(rows.placed)];
  const claimed = rows.claims.length > 0 || rows.releases.length > 0;
  if (claimed || rows.keys.length > 0) {
    values.push(
      JSON.stringify(rows.keys.map((key) => ({ subject: key.subject, wrapped: key.wrapped.toString("base64") }))),
    );
  }
  if (claimed) {
    const claims = rows.claims.map(({ name, subject, value, forMs }) => ({
      name,
      subject,
      value,
      for_ms: forMs ?? null,
    }));
    values.push(JSON.stringify(claims), rows.releases);
  }
  const statement = claimed
    ? { name: "ledger-whole", text: whole, values }
    : rows.keys.length > 0
      ? { name: "ledger-plain", text: plain, values }
      : { name: "ledger-entries", text: entriesOnly, values };
  return (await tx.query<{ count: number }>(statement)).rows[0]?.count ?? 0;
}

/** The leaves as one list of JSON; hash and payload of each, one behind the other; where each begins, from 1, and how long its payload is. */
function entryValues(placed: readonly Placed[]): [string, Buffer, readonly number[], readonly number[]] {
  const starts: number[] = [];
  const sizes: number[] = [];
  const runs: Buffer[] = [];
  const leaves: string[] = [];
  let end = 1;
  for (const { hash, leaf, sealed } of placed) {
    leaves.push(leaf.toString("utf8"));
    runs.push(hash, sealed);
    starts.push(end);
    sizes.push(sealed.length);
    end += hash.length + sealed.length;
  }
  return [`[${leaves.join(",")}]`, Buffer.concat(runs), starts, sizes];
}

export async function registerWriter(
  tx: Tx,
  writer: string,
  host: string,
  leaseMs: number,
  sealingKey: string | null,
): Promise<void> {
  await tx.query("insert into writer (id, host, sealing_key) values ($1, $2, $3)", [writer, host, sealingKey]);
  await tx.query(
    "insert into writer_lease (writer, expires_at) values ($1, clock_timestamp() + $2 * interval '1 millisecond')",
    [writer, leaseMs],
  );
}

/** Renews the lease; `null` where the writer has been fenced. Returns the database's time in ms since the epoch. */
export async function renewLease(tx: Tx, writer: string, leaseMs: number, settledSeq: number): Promise<number | null> {
  const result = await tx.query<{ now_ms: string }>(
    `update writer_lease l set expires_at = clock_timestamp() + $2 * interval '1 millisecond', settled_seq = $3
     from writer w where l.writer = $1 and w.id = $1 and w.fenced_at is null
     returning extract(epoch from clock_timestamp()) * 1000 as now_ms`,
    [writer, leaseMs, settledSeq],
  );
  const row = result.rows[0];
  return row === undefined ? null : Number(row.now_ms);
}

/**
 * Lets a writer go: it can write no more, and its lease ends. The lease row stays, run out, where an intent has no
 * outcome: that is how the next one to look finds it.
 */
export async function retireWriter(tx: Tx, writer: string): Promise<void> {
  await tx.query("update writer set fenced_at = clock_timestamp() where id = $1 and fenced_at is null", [writer]);
  await tx.query("update writer_lease set expires_at = clock_timestamp() - interval '1 second' where writer = $1", [
    writer,
  ]);
  await tx.query(
    `delete from writer_lease l where l.writer = $1 and not exists (
       select 1 from entry e where e.writer = $1 and e.seq >= l.settled_seq and e.to_state = 'running'
         and not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1))`,
    [writer],
  );
}

/**
 * The hash of this writer's entry at `seq`, after whatever batch of this writer still runs on a broken connection has
 * ended: its share lock on the writer's row makes this wait.
 */
export async function ownHashAt(tx: Tx, writer: string, seq: number): Promise<Buffer | null> {
  await tx.query("select 1 from writer where id = $1 for update", [writer]);
  const result = await tx.query<{ hash: Buffer }>("select hash from entry where writer = $1 and seq = $2", [
    writer,
    seq,
  ]);
  return result.rows[0]?.hash ?? null;
}

export async function databaseTime(session: Session | Tx): Promise<number> {
  const result = await session.query<{ now_ms: string }>(
    "select extract(epoch from clock_timestamp()) * 1000 as now_ms",
  );
  return Number(result.rows[0]?.now_ms);
}

/** Writers whose lease has run out, fenced in this statement so that nobody else takes them and they can write no more. */
export async function fenceExpired(tx: Tx): Promise<readonly { writer: string; settled_seq: number }[]> {
  const result = await tx.query<{ writer: string; settled_seq: number }>(
    `with expired as (
       select writer, settled_seq from writer_lease where expires_at < clock_timestamp() for update skip locked
     ), fenced as (
       update writer set fenced_at = coalesce(fenced_at, clock_timestamp()) where id in (select writer from expired) returning id
     ) select e.writer, e.settled_seq from expired e join fenced f on f.id = e.writer`,
  );
  return result.rows;
}

/** Intents of a fenced writer that no later entry has settled. */
export async function unsettledIntents(
  tx: Tx,
  writer: string,
  fromSeq: number,
): Promise<readonly { subject: string; step: number; agent: string; workflow: string; tool: string; run: string }[]> {
  const result = await tx.query<{
    subject: string;
    step: number;
    agent: string;
    workflow: string;
    tool: string;
    run: string;
  }>(
    `select e.subject, e.step, e.agent, e.workflow, e.tool, e.run from entry e
     where e.writer = $1 and e.seq >= $2 and e.to_state = 'running'
       and not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1)`,
    [writer, fromSeq],
  );
  return result.rows;
}

/** Intents of every writer that no later entry has settled: what is on its way now. Breaks off after `withinMs`. */
export function openIntents(
  db: Pick<Db, "transaction">,
  withinMs: number,
): Promise<readonly { action: string; agent: string; workflow: string; tool: string }[]> {
  return db.transaction(async (tx) => {
    await tx.query("select set_config('statement_timeout', $1, true)", [String(withinMs)]);
    const { rows } = await tx.query<{ action: string; agent: string; workflow: string; tool: string }>(
      `select e.subject as action, e.agent, e.workflow, e.tool from writer_lease l
       join entry e on e.writer = l.writer and e.seq >= l.settled_seq and e.to_state = 'running'
       where not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1)
       order by e.subject`,
    );
    return rows;
  });
}

export async function dropLease(tx: Tx, writer: string): Promise<void> {
  await tx.query("delete from writer_lease where writer = $1", [writer]);
}

export interface EntryRow {
  readonly writer: string;
  readonly seq: number;
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
  readonly at: string;
  readonly recorded_at: string;
  readonly leaf: Buffer;
  readonly hash: Buffer;
  readonly sealed: Buffer;
}

export async function entriesOf(tx: Tx, subject: string): Promise<readonly EntryRow[]> {
  const text = "select * from entry where subject = $1 order by step";
  return (await tx.query<EntryRow>({ name: "entries-of", text, values: [subject] })).rows;
}

export async function wrappedKey(tx: Tx, subject: string): Promise<Buffer | null> {
  const text = "select wrapped from subject_key where subject = $1";
  return (
    (await tx.query<{ wrapped: Buffer }>({ name: "subject-key", text, values: [subject] })).rows[0]?.wrapped ?? null
  );
}
