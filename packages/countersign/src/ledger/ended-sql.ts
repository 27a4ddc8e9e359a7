import type { Tx } from "../db/db.ts";

/** How an action was refused or undone: by that entry of it. */
export interface Ended {
  readonly subject: string;
  readonly kind: "refused" | "denied" | "reversed";
  readonly at: string;
}

/** After everything. */
const last = { at: "infinity", subject: "act_~" };

/** Actions that were refused or undone since a moment, the latest first: by the index of kinds, however much else was done. */
export async function endedSince(
  tx: Tx,
  since: string,
  before: Pick<Ended, "at" | "subject"> = last,
  limit: number,
): Promise<readonly Ended[]> {
  const of = (kind: Ended["kind"], to: "refused" | "reversed"): string =>
    `(select subject, kind, at from entry where kind = '${kind}' and to_state = '${to}' and subject like 'act\\_%'
      and at >= $1 and at <= $2 and (at, subject) < ($2, $3) order by at desc, subject desc limit $4)`;
  const text = `select * from (
      ${of("refused", "refused")} union all ${of("denied", "refused")} union all ${of("reversed", "reversed")}
    ) e order by at desc, subject desc limit $4`;
  return (await tx.query<Ended>({ name: "ended-since", text, values: [since, before.at, before.subject, limit] })).rows;
}

/** When this action was refused or undone. */
export async function endedAt(tx: Tx, subject: string): Promise<string | undefined> {
  const text = "select at from entry where subject = $1 and to_state in ('refused', 'reversed')";
  return (await tx.query<{ at: string }>(text, [subject])).rows[0]?.at;
}
