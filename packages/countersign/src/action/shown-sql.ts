import type { Tx } from "../db/db.ts";

interface ShownTo {
  readonly action: string;
  readonly person: string;
  readonly digest: string;
  /** By itself, and not in a list of what may be answered together. */
  readonly opened: boolean;
}

/** How long what somebody was shown may be answered. */
export const shownMinutes = 60;
const shownFor = `interval '${shownMinutes} minutes'`;

/** Somebody was shown this document of a held action. The number of the showing: it stays until an answer uses it up. */
export async function noteShown(tx: Tx, { action, person, digest, opened }: ShownTo, fresh: string): Promise<string> {
  const { rows } = await tx.query<{ nonce: string }>(
    `insert into approval_shown as old (action, person, digest, nonce, opened) values ($1, $2, $3, $4, $5)
     on conflict (action, person) do update set digest = excluded.digest, last_at = clock_timestamp(),
       opened = excluded.opened
         or (old.opened and old.digest = excluded.digest and old.last_at > clock_timestamp() - ${shownFor}),
       first_at = case when old.digest = excluded.digest and old.last_at > clock_timestamp() - ${shownFor}
         then old.first_at else clock_timestamp() end,
       nonce = case when old.digest = excluded.digest and old.last_at > clock_timestamp() - ${shownFor}
         then coalesce(old.nonce, excluded.nonce) else excluded.nonce end
     returning nonce`,
    [action, person, digest, fresh, opened],
  );
  return rows[0]?.nonce ?? fresh;
}

/** Whoever edits a call has had it before them as long as what they made it of. */
export async function carryShown(
  tx: Tx,
  from: string,
  { action, person, digest }: Omit<ShownTo, "opened">,
): Promise<void> {
  await tx.query(
    `insert into approval_shown (action, person, digest, first_at, opened)
     select $2, person, $4, first_at, opened from approval_shown where action = $1 and person = $3
     on conflict (action, person) do nothing`,
    [from, action, person, digest],
  );
}

/** False where an answer has used it up already. */
export async function useShown(
  tx: Tx,
  { action, person }: Pick<ShownTo, "action" | "person">,
  nonce: string,
): Promise<boolean> {
  const text = "update approval_shown set nonce = null where action = $1 and person = $2 and nonce = $3";
  return (await tx.query(text, [action, person, nonce])).rowCount === 1;
}

export interface Showing {
  /** Milliseconds since it was first put before this person. */
  readonly ms: number;
  /** Null where it was answered already. */
  readonly nonce: string | null;
  /** By itself, and not in a list only. */
  readonly opened: boolean;
}

/** When this very document was put before this person, and how; undefined where it was not, or too long ago. */
export async function shownSince(
  tx: Tx,
  { action, person, digest }: Omit<ShownTo, "opened">,
): Promise<Showing | undefined> {
  const text = `select (extract(epoch from clock_timestamp() - first_at) * 1000)::float8 as ms, nonce, opened from approval_shown
    where action = $1 and person = $2 and digest = $3 and last_at > clock_timestamp() - ${shownFor}`;
  return (await tx.query<Showing>(text, [action, person, digest])).rows[0];
}

export async function forgetShown(tx: Tx): Promise<void> {
  await tx.query(`delete from approval_shown where last_at <= clock_timestamp() - ${shownFor}`);
}
