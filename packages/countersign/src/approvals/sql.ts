import type { Tx } from "../db/db.ts";

/** Whose question a grant answers, and whom that asks. */
export interface GrantedPolicy {
  readonly policy: string;
  readonly policyDigest: string;
  readonly from: string;
}

export interface GrantRow {
  readonly id: string;
  readonly approval: string;
  readonly person: string;
  readonly vouched_by: readonly string[];
  readonly groups: readonly string[];
  readonly capacity: string;
  readonly workflow: string;
  readonly tool: string;
  readonly agent: string;
  readonly policies: readonly GrantedPolicy[];
  readonly given_at: string;
  readonly until: string;
  readonly uses: number;
  readonly used: number;
  readonly ended: "revoked" | "void" | null;
  readonly ended_at: string | null;
  readonly ended_by: string | null;
  readonly ended_because: string | null;
  readonly is_over: boolean;
}

const moment = (column: string) =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`;
const columns = `id, approval, person, vouched_by, groups, capacity, workflow, tool, agent, policies, ${moment("given_at")},
  ${moment("until")}, uses, used, ended, ${moment("ended_at")}, ended_by, ended_because, until <= clock_timestamp() as is_over`;
const standing = "ended is null and until > clock_timestamp() and used < uses";

export interface GrantValues
  extends Pick<
    GrantRow,
    "id" | "approval" | "person" | "groups" | "capacity" | "workflow" | "tool" | "agent" | "policies" | "uses"
  > {
  readonly vouchedBy: readonly string[];
  readonly forMs: number;
}

export async function insertGrant(tx: Tx, grant: GrantValues): Promise<void> {
  await tx.query(
    `insert into approval_grant (id, approval, person, vouched_by, groups, capacity, workflow, tool, agent, policies, uses, until)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11, clock_timestamp() + $12::double precision * interval '1 millisecond')`,
    [
      grant.id,
      grant.approval,
      grant.person,
      JSON.stringify(grant.vouchedBy),
      JSON.stringify(grant.groups),
      grant.capacity,
      grant.workflow,
      grant.tool,
      grant.agent,
      JSON.stringify(grant.policies),
      grant.uses,
      grant.forMs,
    ],
  );
}

/** What stands now for calls of this tool by this agent: what ends first comes first. */
export async function standingGrants(
  tx: Tx,
  { workflow, tool, agent }: Pick<GrantRow, "workflow" | "tool" | "agent">,
): Promise<readonly GrantRow[]> {
  const text = `select ${columns} from approval_grant where workflow = $1 and tool = $2 and agent = $3 and ${standing}
    order by until, id limit 100`;
  return (await tx.query<GrantRow>({ name: "standing-grants", text, values: [workflow, tool, agent] })).rows;
}

/** Counts one use of each of these; false where one of them does not stand any more, and then none is counted. */
export async function takeUses(tx: Tx, ids: readonly string[]): Promise<boolean> {
  await tx.query("select id from approval_grant where id = any($1::text[]) order by id for update", [ids]);
  // INVARIANT: read again under the locks: what was revoked, expired or used up while this waited does not count.
  const free = await tx.query(`select 1 from approval_grant where id = any($1::text[]) and ${standing}`, [ids]);
  if (free.rowCount < ids.length) return false;
  await tx.query("update approval_grant set used = used + 1 where id = any($1::text[])", [ids]);
  return true;
}

export async function grantRow(tx: Tx, id: string): Promise<GrantRow | undefined> {
  return (await tx.query<GrantRow>(`select ${columns} from approval_grant where id = $1`, [id])).rows[0];
}

/** What stands, then what ended within a day, newest first. */
export async function listGrants(tx: Tx, limit: number): Promise<readonly GrantRow[]> {
  const text = `select ${columns} from approval_grant
    where least(until, coalesce(ended_at, until)) > clock_timestamp() - interval '1 day'
    order by (${standing}) desc, given_at desc limit $1`;
  return (await tx.query<GrantRow>(text, [limit])).rows;
}

export async function openGrants(tx: Tx): Promise<readonly GrantRow[]> {
  return (await tx.query<GrantRow>(`select ${columns} from approval_grant where ${standing} order by id limit 10000`))
    .rows;
}

/** Ends a grant before its time; false where it had ended. From this commit on it counts nowhere. */
export async function endGrant(
  tx: Tx,
  id: string,
  { ended, by, because }: { readonly ended: "revoked" | "void"; readonly by: string; readonly because: string },
): Promise<boolean> {
  const text = `update approval_grant set ended = $2, ended_at = clock_timestamp(), ended_by = $3, ended_because = $4
    where id = $1 and ended is null and until > clock_timestamp()`;
  return (await tx.query(text, [id, ended, by, because])).rowCount === 1;
}

/** Ends everything that somebody granted, in the transaction that takes them out. */
export async function endGrantsOf(tx: Tx, person: string, by: string, because: string): Promise<void> {
  const text = `update approval_grant set ended = 'void', ended_at = clock_timestamp(), ended_by = $2, ended_because = $3
    where person = $1 and ended is null and until > clock_timestamp()`;
  await tx.query(text, [person, by, because]);
}
