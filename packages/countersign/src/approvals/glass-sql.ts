import type { Tx } from "../db/db.ts";

/** How many answers one policy's question lacked, from whom, and who had given theirs. */
export interface MissingThen {
  readonly policy: string;
  readonly from: string;
  readonly missing: number;
  readonly given: readonly string[];
}

export interface GlassRow {
  readonly id: string;
  readonly action: string;
  readonly person: string;
  readonly vouched_by: readonly string[];
  readonly capacity: string;
  readonly workflow: string;
  readonly agent: string;
  readonly tool: string;
  readonly missing: readonly MissingThen[];
  readonly broken_at: string;
  readonly until: string;
  readonly due_at: string;
  readonly reviewed_at: string | null;
  readonly reviewed_by: string | null;
  /** The entry that says what the reviewer found. */
  readonly review: string | null;
  readonly is_overdue: boolean;
}

const moment = (column: string) =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`;
const columns = `id, action, person, vouched_by, capacity, workflow, agent, tool, missing, ${moment("broken_at")},
  ${moment("until")}, ${moment("due_at")}, ${moment("reviewed_at")}, reviewed_by, review,
  reviewed_at is null and due_at <= clock_timestamp() as is_overdue`;

export interface GlassValues
  extends Pick<
    GlassRow,
    "id" | "action" | "person" | "capacity" | "workflow" | "agent" | "tool" | "missing" | "until"
  > {
  readonly vouchedBy: readonly string[];
  readonly reviewBy: string;
}

export async function insertGlass(tx: Tx, glass: GlassValues): Promise<void> {
  const text = `insert into broken_glass (id, action, person, vouched_by, capacity, workflow, agent, tool, missing, until, due_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
  const { id, action, person, vouchedBy, capacity, workflow, agent, tool, missing, until, reviewBy } = glass;
  const whose = [id, action, person, JSON.stringify(vouchedBy), capacity, workflow, agent, tool];
  await tx.query(text, [...whose, JSON.stringify(missing), until, reviewBy]);
}

export async function glassRow(tx: Tx, id: string): Promise<GlassRow | undefined> {
  return (await tx.query<GlassRow>(`select ${columns} from broken_glass where id = $1`, [id])).rows[0];
}

/** What nobody has reviewed, what is due first, then what was reviewed within thirty days, the newest first. */
export async function listGlass(tx: Tx, limit: number): Promise<readonly GlassRow[]> {
  const text = `select ${columns} from broken_glass
    where reviewed_at is null or reviewed_at > clock_timestamp() - interval '30 days'
    order by reviewed_at is null desc, reviewed_at desc, broken_glass.due_at, id limit $1`;
  return (await tx.query<GlassRow>(text, [limit])).rows;
}

export async function overdueGlass(tx: Tx): Promise<readonly GlassRow[]> {
  const text = `select ${columns} from broken_glass where reviewed_at is null and due_at <= clock_timestamp()
    order by broken_glass.due_at, id limit 100`;
  return (await tx.query<GlassRow>(text)).rows;
}

/** False where somebody reviewed it before. */
export async function reviewGlassRow(
  tx: Tx,
  { id, by, review }: { readonly id: string; readonly by: string; readonly review: string },
): Promise<boolean> {
  const text = `update broken_glass set reviewed_at = clock_timestamp(), reviewed_by = $2, review = $3
    where id = $1 and reviewed_at is null`;
  return (await tx.query(text, [id, by, review])).rowCount === 1;
}
