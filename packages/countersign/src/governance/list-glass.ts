import type { AnswerRecord, Missing } from "../action/approvals.ts";
import { type GlassRow, listGlass as rowsOf } from "../approvals/glass-sql.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { reviewContext } from "./review-glass.ts";

/** Broken glass as one person sees it. */
export interface GlassLine {
  readonly id: string;
  readonly state: "open" | "overdue" | "reviewed";
  readonly action: string;
  readonly by: string;
  readonly as: string;
  readonly at: string;
  /** Why; absent where the reader may not see it, or where it was erased. */
  readonly reason?: string;
  readonly until: string;
  readonly reviewBy: string;
  readonly workflow: string;
  readonly agent: string;
  readonly tool: string;
  readonly missing: readonly Missing[];
  readonly reviewedAt?: string;
  readonly reviewedBy?: string;
  /** What the reviewer found. */
  readonly found?: string;
  /** The entry of the review. */
  readonly review?: string;
  /** The asking person may review it. */
  readonly yours: boolean;
  readonly receipt: string;
}

const most = 200;

/** What nobody has reviewed yet, what is due first; then what was reviewed within thirty days. */
export async function listGlass(control: Control, person: PersonCaller): Promise<readonly GlassLine[]> {
  const rows = await rowsOf(control.parts.db, most);
  return Promise.all(rows.map((row) => lineOf(control, person, row)));
}

async function lineOf(control: Control, person: PersonCaller, row: GlassRow): Promise<GlassLine> {
  const { reviewed_at: reviewedAt, reviewed_by: reviewedBy, review } = row;
  const context = contextOf(control, { workflow: row.workflow });
  const sees = row.person === person.email || may(person, "read-private", context).allowed;
  const reason = sees ? await reasonOf(control, row) : undefined;
  const found = sees && review !== null ? await foundBy(control, review) : undefined;
  return {
    id: row.id,
    state: reviewedAt !== null ? "reviewed" : row.is_overdue ? "overdue" : "open",
    action: row.action,
    by: row.person,
    as: row.capacity,
    at: row.broken_at,
    ...(reason === undefined ? {} : { reason }),
    until: row.until,
    reviewBy: row.due_at,
    workflow: row.workflow,
    agent: row.agent,
    tool: row.tool,
    missing: row.missing,
    ...(reviewedAt === null ? {} : { reviewedAt }),
    ...(reviewedBy === null ? {} : { reviewedBy }),
    ...(found === undefined ? {} : { found }),
    ...(review === null ? {} : { review }),
    yours: reviewedAt === null && may(person, "review-glass", reviewContext(control, row)).allowed,
    receipt: `/v1/receipts/${row.action}`,
  };
}

async function reasonOf({ parts }: Control, { id, action }: GlassRow): Promise<string | undefined> {
  const { entries } = await readSubject(parts.db, action, parts.wrap);
  const answers = entries.map(({ payload }) => (payload as { readonly answer?: AnswerRecord } | null)?.answer);
  return answers.find((answer) => answer?.breakGlass?.id === id)?.reason;
}

async function foundBy({ parts }: Control, review: string): Promise<string | undefined> {
  const { entries } = await readSubject(parts.db, review, parts.wrap);
  return (entries[0]?.payload as { readonly found?: string } | null | undefined)?.found;
}
