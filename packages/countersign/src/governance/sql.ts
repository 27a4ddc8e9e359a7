import type { Tier } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import type { Hands } from "../identity/index.ts";
import type { Plan, WorkspaceFiles } from "../workspace/index.ts";

export const planeChannel = "countersign_plane";

/** Every replica reloads what is in force when this number moves. */
export async function raiseRevision(tx: Tx): Promise<void> {
  await tx.query("update plane set revision = revision + 1");
  await tx.query("select pg_notify($1, '')", [planeChannel]);
}

export async function readRevision(tx: Tx): Promise<number> {
  return (
    (await tx.query<{ revision: number }>({ name: "plane-revision", text: "select revision from plane" })).rows[0]
      ?.revision ?? 0
  );
}

export async function insertWorkspace(
  tx: Tx,
  row: {
    readonly digest: string;
    readonly files: WorkspaceFiles;
    readonly by: string;
    readonly signedBy: string | undefined;
    readonly single: boolean;
    readonly entry: string;
  },
): Promise<void> {
  await tx.query(
    `insert into workspace_version (revision, digest, files, applied_by, signed_by, single, entry)
     select coalesce(max(revision), 0) + 1, $1, $2, $3, $4, $5, $6 from workspace_version`,
    [row.digest, JSON.stringify(row.files), row.by, row.signedBy ?? null, row.single, row.entry],
  );
}

export interface WorkspaceRow {
  readonly revision: number;
  readonly digest: string;
  readonly files: { readonly [path: string]: string };
  readonly applied_by: string;
  readonly applied_at: string;
  readonly signed_by: string | null;
  readonly single: boolean;
}

export async function latestWorkspace(tx: Tx): Promise<WorkspaceRow | undefined> {
  return (await tx.query<WorkspaceRow>("select * from workspace_version order by revision desc limit 1")).rows[0];
}

/** A workspace that somebody asked to put in force. */
export interface ProposalRow {
  readonly id: string;
  readonly digest: string;
  readonly before: string;
  /** Empty once it does not wait any more. */
  readonly files: WorkspaceFiles;
  readonly plan: Plan;
  readonly by: string;
  readonly vouchedBy: readonly string[];
  readonly at: string;
  readonly expiresAt: string;
  readonly state: "open" | "signed" | "withdrawn" | "void" | "lapsed";
}

/** How long a workspace waits for its second person. */
export const proposalDays = 7;

const proposalColumns = `id, digest, before, plan, proposed_by as by, vouched_by as "vouchedBy", proposed_at as at,
  expires_at as "expiresAt", coalesce(ended, case when expires_at > clock_timestamp() then 'open' else 'lapsed' end) as state`;

export async function insertProposal(
  tx: Tx,
  row: Pick<ProposalRow, "id" | "digest" | "before" | "files" | "plan"> & { readonly hands: Hands },
): Promise<void> {
  const { id, digest, before, files, plan, hands } = row;
  await tx.query(
    `insert into workspace_proposal (id, digest, before, files, plan, proposed_by, vouched_by, expires_at)
     values ($1,$2,$3,$4,$5,$6,$7, clock_timestamp() + interval '${proposalDays} days')`,
    [id, digest, before, JSON.stringify(files), JSON.stringify(plan), hands.person, JSON.stringify(hands.vouchedBy)],
  );
}

export async function proposalRow(tx: Tx, id: string): Promise<ProposalRow | undefined> {
  const text = `select ${proposalColumns}, files from workspace_proposal where id = $1`;
  return (await tx.query<ProposalRow>(text, [id])).rows[0];
}

/** Those that wait, oldest first, without their files. */
export async function openProposals(tx: Tx): Promise<readonly Omit<ProposalRow, "files">[]> {
  const text = `select ${proposalColumns} from workspace_proposal
    where ended is null and expires_at > clock_timestamp() order by proposed_at, id`;
  return (await tx.query<Omit<ProposalRow, "files">>(text)).rows;
}

/** Ends one that waits; false where it does not any more. Its files are let go. */
export async function endProposal(tx: Tx, id: string, ended: "signed" | "withdrawn"): Promise<boolean> {
  const text = `update workspace_proposal set ended = $2, files = '{}'
    where id = $1 and ended is null and expires_at > clock_timestamp()`;
  return (await tx.query(text, [id, ended])).rowCount === 1;
}

/** What was planned against is no longer in force. */
export async function voidProposals(tx: Tx): Promise<void> {
  await tx.query("update workspace_proposal set ended = 'void', files = '{}' where ended is null");
}

export interface WaiverRow {
  readonly id: string;
  readonly agent: string;
  readonly workflow: string;
  readonly tier: number;
  readonly reason: string;
  readonly signed_by: readonly string[];
  readonly single: boolean;
  readonly starts_at: string;
  readonly ends_at: string;
}

export async function waiverRows(tx: Tx): Promise<readonly WaiverRow[]> {
  return (
    await tx.query<WaiverRow>(
      "select * from tier_waiver where revoked_at is null and ends_at > clock_timestamp() order by id",
    )
  ).rows;
}

/** Begins a moment ago: a replica whose clock is a little behind the database's must not refuse what was just signed. */
export async function insertWaiver(
  tx: Tx,
  row: Omit<WaiverRow, "starts_at" | "ends_at"> & { readonly days: number },
): Promise<void> {
  await tx.query(
    `insert into tier_waiver (id, agent, workflow, tier, reason, signed_by, single, starts_at, ends_at)
     values ($1,$2,$3,$4,$5,$6,$7, now() - interval '5 seconds', now() - interval '5 seconds' + $8 * interval '1 day')`,
    [row.id, row.agent, row.workflow, row.tier, row.reason, JSON.stringify(row.signed_by), row.single, row.days],
  );
}

export async function revokeWaiver(tx: Tx, id: string): Promise<boolean> {
  return (
    (await tx.query("update tier_waiver set revoked_at = clock_timestamp() where id = $1 and revoked_at is null", [id]))
      .rowCount > 0
  );
}

export interface AlertRow {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly sentence: string;
  readonly raised_at: string;
}

const alertColumns = "id, kind, subject, sentence, raised_at";

/** Oldest first, as their ids sort; after one of them, where that is named. */
export async function openAlerts(
  tx: Tx,
  { after, limit = 500 }: { readonly after?: string; readonly limit?: number } = {},
): Promise<readonly AlertRow[]> {
  const text = `select ${alertColumns} from alert where settled_at is null and ($1::text is null or id collate "C" > $1)
    order by id collate "C" limit $2`;
  return (await tx.query<AlertRow>(text, [after ?? null, limit])).rows;
}

export async function openAlertById(tx: Tx, id: string): Promise<AlertRow | undefined> {
  const text = `select ${alertColumns} from alert where id = $1 and settled_at is null`;
  return (await tx.query<AlertRow>(text, [id])).rows[0];
}

export async function countAlerts(tx: Tx): Promise<number> {
  const text = "select count(*)::int as count from alert where settled_at is null";
  return (await tx.query<{ count: number }>(text)).rows[0]?.count ?? 0;
}

/** Digests of policy sets about which two engines disagree, and nobody has said yet that they may decide again. */
export async function closedPolicySets(tx: Tx): Promise<readonly string[]> {
  const text = "select subject from alert where kind = 'policy' and settled_at is null";
  return (await tx.query<{ subject: string }>(text)).rows.map((row) => row.subject);
}

export async function settleAlertById(tx: Tx, id: string): Promise<boolean> {
  const text = "update alert set settled_at = clock_timestamp() where id = $1 and settled_at is null";
  return (await tx.query(text, [id])).rowCount > 0;
}

/** Open questions that a stop freezes; their ids. What another stop froze stays under that one. */
const under: Readonly<Record<string, string>> = {
  everything: "true",
  agent: "agent = $1",
  workflow: "workflow = $1",
  system: "system = $1",
  tool: "(server || '.' || tool = $1 or server = $1)",
};

/** What a stop of this finds held or ready. */
export async function openUnder(tx: Tx, scope: string, name: string): Promise<readonly string[]> {
  const text = `select id from open_action where state in ('held', 'ready') and ${under[scope] ?? "false"} order by id`;
  return (await tx.query<{ id: string }>(text, scope === "everything" ? [] : [name])).rows.map((row) => row.id);
}

/** What a stop keeps frozen now. */
export async function frozenBy(tx: Tx, stop: string): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>("select id from open_action where frozen_by = $1", [stop]);
  return new Set(rows.map((row) => row.id));
}

export async function lookedAtNext(tx: Tx, action: string): Promise<string | null> {
  const text = "select look_at from open_action where id = $1 and state = 'unknown'";
  return (await tx.query<{ look_at: string | null }>(text, [action])).rows[0]?.look_at ?? null;
}

/** How long people looked before they answered, in the middle of all answers. */
export async function medianDwell(tx: Tx, days: number): Promise<{ answers: number; medianMs: number | null }> {
  const text = `select count(*)::int as answers, (percentile_cont(0.5) within group (order by dwell_ms))::float8 as "medianMs"
    from answer where dwell_ms is not null and at > clock_timestamp() - $1::double precision * interval '1 day'`;
  const { rows } = await tx.query<{ answers: number; medianMs: number | null }>(text, [days]);
  return rows[0] ?? { answers: 0, medianMs: null };
}

export async function freezeOpen(tx: Tx, stop: string, scope: string, name: string): Promise<readonly string[]> {
  const where = {
    everything: "true",
    agent: "agent = $2",
    workflow: "workflow = $2",
    system: "system = $2",
    tool: "server || '.' || tool = $2 or server = $2",
  }[scope];
  const values = scope === "everything" ? [stop] : [stop, name];
  const text = `update open_action set frozen_by = coalesce(frozen_by, $1),
      frozen_at = case when frozen_by is null then clock_timestamp() else frozen_at end
    where state in ('held', 'ready') and (${where ?? "false"}) returning id`;
  return (await tx.query<{ id: string }>(text, values)).rows.map((row) => row.id);
}

/** False where it was closed before. */
export async function endRun(tx: Tx, id: string): Promise<boolean> {
  const text = "update run set closed_at = clock_timestamp() where id = $1 and closed_at is null";
  return (await tx.query(text, [id])).rowCount === 1;
}

export async function insertRun(
  tx: Tx,
  run: {
    id: string;
    agent: string;
    workflow: string;
    openedBy: string;
    trusted: boolean;
    task?: string;
    parent?: string;
    plan?: readonly object[];
    parameters?: object;
    /** The run at the head of its family, where a person opened that. */
    root?: string;
  },
): Promise<void> {
  const plan = run.plan === undefined ? null : JSON.stringify(run.plan);
  await tx.query(
    `insert into run (id, agent, workflow, opened_by, trusted, task, parent, plan, parameters, root)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
    [
      run.id,
      run.agent,
      run.workflow,
      run.openedBy,
      run.trusted,
      run.task ?? null,
      run.parent ?? null,
      plan,
      run.parameters === undefined ? null : JSON.stringify(run.parameters),
      run.root ?? null,
    ],
  );
}

/** Runs say no more what they were for. */
export async function blankTasks(tx: Tx, runs: readonly string[]): Promise<void> {
  await tx.query("update run set task = null, plan = null, parameters = null where id = any($1::text[])", [runs]);
}

export interface Proposal {
  readonly by: string;
  readonly vouchedBy: readonly string[];
  readonly request: {
    readonly agent: string;
    readonly workflow: string;
    readonly tier: Tier;
    readonly days: number;
    readonly reason: string;
  };
}

export async function proposeWaiver(tx: Tx, id: string, by: Hands, request: object): Promise<void> {
  await tx.query("insert into waiver_proposal (id, proposed_by, vouched_by, request) values ($1, $2, $3, $4)", [
    id,
    by.person,
    JSON.stringify(by.vouchedBy),
    JSON.stringify(request),
  ]);
}

export async function readProposal(tx: Tx, id: string): Promise<Proposal | undefined> {
  const text =
    "select proposed_by as by, vouched_by as \"vouchedBy\", request from waiver_proposal where id = $1 and proposed_at > clock_timestamp() - interval '7 days'";
  return (await tx.query<Proposal>(text, [id])).rows[0];
}

export async function listProposals(tx: Tx): Promise<readonly (Proposal & { readonly id: string })[]> {
  return (
    await tx.query<Proposal & { id: string }>(
      'select id, proposed_by as by, vouched_by as "vouchedBy", request from waiver_proposal order by id',
    )
  ).rows;
}

export async function dropProposal(tx: Tx, id: string): Promise<void> {
  await tx.query("delete from waiver_proposal where id = $1", [id]);
}

export async function sealingKeyRow(tx: Tx, id: string): Promise<{ readonly finished_by: string | null } | undefined> {
  const text = "select finished_by from sealing_key where id = $1";
  return (await tx.query<{ finished_by: string | null }>(text, [id])).rows[0];
}

export async function insertSealingKey(tx: Tx, id: string, deed: string): Promise<void> {
  await tx.query("insert into sealing_key (id, introduced_by) values ($1, $2) on conflict do nothing", [id, deed]);
}

export async function finishSealingKey(tx: Tx, id: string, deed: string): Promise<void> {
  await tx.query("update sealing_key set finished_by = $2 where id = $1", [id, deed]);
}

/** Keeps the texts of a policy set; what is there already stays. */
export async function keepPolicyTexts(
  tx: Tx,
  policies: readonly { digest: string; id: string; effect: string; title?: string; text: string; file: string }[],
): Promise<void> {
  await tx.query(
    `insert into policy_text (digest, id, effect, title, text, file)
     select r.digest, r.id, r.effect, r.title, r.text, r.file
     from json_to_recordset($1::json) as r(digest text, id text, effect text, title text, text text, file text)
     on conflict do nothing`,
    [
      JSON.stringify(
        policies.map(({ digest, id, effect, title, text, file }) => ({ digest, id, effect, title, text, file })),
      ),
    ],
  );
}

/** Age in ms of the oldest entry that is not in the tree yet; 0 where there is none. */
export async function unsequenced(tx: Tx): Promise<number> {
  const text = `select coalesce(max(extract(epoch from clock_timestamp() - e.recorded_at)) * 1000, 0)::float8 as age
    from writer w
    cross join lateral (select coalesce((select s.seq + s.count from tree_span s where s.writer = w.id
      order by s.seq desc limit 1), 0) as seq) next
    join entry e on e.writer = w.id and e.seq = next.seq
    where not exists (select 1 from checkpoint_closed c where c.writer = w.id)`;
  return Number((await tx.query<{ age: number }>(text)).rows[0]?.age ?? 0);
}

export async function budgetUse(tx: Tx, scope: string, startsAt: string): Promise<number> {
  const text = "select taken from budget_window where scope = $1 and starts_at = $2";
  return (await tx.query<{ taken: number }>(text, [scope, startsAt])).rows[0]?.taken ?? 0;
}
