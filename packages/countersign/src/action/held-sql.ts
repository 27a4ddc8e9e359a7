import type { Tx } from "../db/db.ts";
import type { OpenRow } from "./open-sql.ts";

/** A place in the order of what is held: by risk with the deadline, or by time alone with rank 0. */
export interface HeldPlace {
  readonly rank: number;
  readonly at: string;
  readonly id: string;
}

/** Groups and addresses by which somebody is asked, the workflows whose DRI they are, and who they are. */
export interface AskedOf {
  readonly from: readonly string[];
  readonly driOf: readonly string[];
  readonly person: string;
}

export interface HeldWhere {
  readonly order: "risk" | "time";
  readonly workflow?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly risk?: string;
  readonly action?: string;
  readonly asked?: AskedOf;
}

/** What is held after a place in the order. A row of a version before says nothing of whom it asks, so it is always there. */
export async function heldPage(
  tx: Tx,
  { order, workflow, agent, tool, risk, action, asked }: HeldWhere,
  after: HeldPlace | undefined,
  limit: number,
): Promise<readonly OpenRow[]> {
  const place =
    order === "risk" ? "(-risk_rank), coalesce(expires_at, 'infinity'), id" : "(0::smallint), opened_at, id";
  const text = `select * from open_action where state = 'held'
      and ($1::text is null or workflow = $1) and ($2::text is null or agent = $2)
      and ($3::text is null or server || '.' || tool = $3)
      and ($4::text is null or coalesce(risk->>'level', 'high') = $4)
      and ($5::text[] is null or risk is null or asked_from && $5::text[]
        or ('dri' = any(asked_from) and workflow = any($6::text[])) or stand_ins ? $8)
      and ($9::text is null or id = $9)
      ${after === undefined ? "" : `and (${place}) > ($10::smallint, $11::timestamptz, $12::text)`}
    order by ${order === "risk" ? place : "opened_at, id"} limit $7`;
  const from = asked === undefined ? null : [...asked.from];
  return (
    await tx.query<OpenRow>(text, [
      workflow ?? null,
      agent ?? null,
      tool ?? null,
      risk ?? null,
      from,
      asked === undefined ? null : [...asked.driOf],
      limit,
      asked?.person ?? "",
      action ?? null,
      ...(after === undefined ? [] : [-after.rank, after.at, after.id]),
    ])
  ).rows;
}
