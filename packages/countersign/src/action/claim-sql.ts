import type { Tx } from "../db/db.ts";
import type { OpenRow } from "./open-sql.ts";

/** How long a name is claimed, from when it was asked for and again from the end of what was open until then. */
export const claimMs = 86_400_000;

/** Nobody has it: the claim ran out, or was of a replica that was found dead since. */
export const isFree = `(lease_until is null or lease_until < clock_timestamp()
  or exists (select 1 from writer w where w.id = open_action.claimed_by and w.fenced_at is not null))`;

/** A claim, with when the action was to be looked at before it was taken. */
export type Claimed = OpenRow & { readonly stood_at: string | null };

/**
 * Takes a held or ready action for this writer: one replica at a time, each time with a higher fence. When it is looked at
 * next is for whoever took it to say; what is noted meanwhile came since.
 */
export async function claimOpen(tx: Tx, id: string, writer: string, leaseMs: number): Promise<Claimed | undefined> {
  const result = await tx.query<Claimed>(
    `update open_action o set fence = o.fence + 1, claimed_by = $2,
       lease_until = clock_timestamp() + $3 * interval '1 millisecond', look_at = null
     from (select id, look_at::text as stood_at from open_action where id = $1 and state in ('held', 'ready')
       and frozen_by is null and ${isFree} for update skip locked) was
     where o.id = was.id returning o.*, was.stood_at`,
    [id, writer, leaseMs],
  );
  return result.rows[0];
}

/** Lets a claim go as if it had not been taken; what came since is looked at now. */
export async function giveBackAsStood(tx: Tx, { id, fence, step, stood_at }: Claimed): Promise<void> {
  await tx.query(
    `update open_action set claimed_by = null, lease_until = null,
       look_at = case when step = $4 and look_at is null then $3::timestamptz else clock_timestamp() end
     where id = $1 and fence = $2`,
    [id, fence, stood_at, step],
  );
}

/** True where this claim still holds: the fence is the one that was taken, and no stop froze it since. */
export async function holdsFence(tx: Tx, id: string, fence: number): Promise<boolean> {
  return (
    (
      await tx.query("select 1 from open_action where id = $1 and fence = $2 and frozen_by is null for update", [
        id,
        fence,
      ])
    ).rowCount === 1
  );
}

/** Lets a claim go; it is looked at next where an answer came since it was taken (another step), or a look was asked for. */
export async function giveBack(
  tx: Tx,
  claimed: Pick<OpenRow, "id" | "fence" | "step">,
  lookInMs: number | null,
): Promise<void> {
  await tx.query(
    `update open_action set claimed_by = null, lease_until = null,
       look_at = case when step = $4 and look_at is null then clock_timestamp() + $3::double precision * interval '1 millisecond'
         else clock_timestamp() end
     where id = $1 and fence = $2`,
    [claimed.id, claimed.fence, lookInMs, claimed.step],
  );
}

/** Gives back the names that these actions hold: pairs of action and name. */
export async function dropClaims(tx: Tx, held: readonly (readonly [string, string])[]): Promise<void> {
  const text = `delete from claim c using unnest($1::text[], $2::text[]) as h(subject, name)
    where c.name = h.name and c.subject = h.subject`;
  await tx.query(text, [held.map(([action]) => action), held.map(([, name]) => name)]);
}

// However long an action is open, its names are its own: a second one of it would be a second effect.
const isOver = `expires_at < clock_timestamp() and not exists (select 1 from open_action o where o.id = claim.subject)`;

export async function claimHolder(tx: Tx, name: string): Promise<{ subject: string; value: string } | null> {
  const text = `select subject, value from claim where name = $1 and (${isOver}) is not true`;
  return (
    (await tx.query<{ subject: string; value: string }>({ name: "claim-holder", text, values: [name] })).rows[0] ?? null
  );
}

export async function dropExpiredClaims(tx: Tx): Promise<void> {
  await tx.query(`delete from claim where ${isOver}`);
}

/** What waited for longer than its claims hold keeps them for a day from its end: who asks again then gets this answer. */
export async function keepClaims(tx: Tx, action: string, names: readonly string[]): Promise<void> {
  const text = `update claim set expires_at = greatest(expires_at, clock_timestamp() + $3::double precision * interval '1 millisecond')
    where name = any($2::text[]) and subject = $1`;
  await tx.query(text, [action, names, claimMs]);
}
