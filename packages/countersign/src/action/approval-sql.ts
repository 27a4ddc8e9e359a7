import type { ApprovalFact, RiskLevel } from "@countersign/contract";
import type { Looked } from "../approvals/index.ts";
import type { Tx } from "../db/db.ts";

export interface AnswerValues {
  readonly action: string;
  readonly policy: string;
  readonly policyDigest: string;
  readonly callDigest: string;
  readonly person: string;
  readonly vouchedBy: readonly string[];
  readonly groups: readonly string[];
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly method: string;
  readonly shownDigest: string;
  readonly dwellMs: number | null;
  readonly measured: Measured;
  /** The id of the passkey that signed it. */
  readonly passkey?: string;
  /** It stands alone for all that are missing, until then. */
  readonly glassUntil?: string;
}

/** What an answer was given to, as far as it says how it was given. */
export interface Measured {
  /** Since the server showed it. */
  readonly shownMs: number;
  /** Characters of what was shown. */
  readonly size: number;
  readonly risk?: RiskLevel;
  /** It was looked at for too short a time, or most of it was never opened, so one more person is asked. */
  readonly skimmed: boolean;
  /** What of it was opened. */
  readonly looked: Looked;
  /** Most of what it does was never opened. */
  readonly unopened: boolean;
  /** A second look by the same person makes good for the first: there is nobody else. */
  readonly mends: boolean;
}

/** A person's answer. The same person may give it again, where the first one lapsed or was taken back. */
export async function insertAnswer(tx: Tx, answer: AnswerValues): Promise<void> {
  await tx.query(
    `insert into answer (action, policy, policy_digest, call_digest, person, groups, verdict, reason, method, shown_digest, dwell_ms, at,
       vouched_by, passkey, asked_at, shown_ms, size, risk, skimmed, glass_until)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11, clock_timestamp(), $12, $13,
       (select opened_at from open_action where id = $1), $14, $15, $16, $17, $19)
     on conflict (action, policy, person, call_digest, breaks_glass) do update set policy_digest = excluded.policy_digest,
       vouched_by = excluded.vouched_by, groups = excluded.groups, verdict = excluded.verdict,
       reason = excluded.reason, method = excluded.method, shown_digest = excluded.shown_digest,
       dwell_ms = excluded.dwell_ms, at = excluded.at, passkey = excluded.passkey, revoked_at = null,
       shown_ms = excluded.shown_ms, size = excluded.size, risk = excluded.risk, glass_until = excluded.glass_until,
       skimmed = excluded.skimmed or (answer.skimmed and not $18)
     where answer.consumed_at is null`,
    [
      answer.action,
      answer.policy,
      answer.policyDigest,
      answer.callDigest,
      answer.person,
      JSON.stringify(answer.groups),
      answer.verdict,
      answer.reason,
      answer.method,
      answer.shownDigest,
      answer.dwellMs,
      JSON.stringify(answer.vouchedBy),
      answer.passkey ?? null,
      Math.round(answer.measured.shownMs),
      answer.measured.size,
      answer.measured.risk ?? null,
      answer.measured.skimmed,
      answer.measured.mends,
      answer.glassUntil ?? null,
    ],
  );
}

export async function approvalsOf(tx: Tx, action: string): Promise<readonly ApprovalFact[]> {
  const result = await tx.query<{
    policy: string;
    policy_digest: string;
    person: string;
    vouched_by: readonly string[];
    groups: readonly string[];
    at: string;
    call_digest: string;
    skimmed: boolean;
    passkey: string | null;
    glass_until: string | null;
  }>(
    `select policy, policy_digest, person, vouched_by, groups, skimmed, passkey,
       to_char(glass_until at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as glass_until, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, call_digest
     from answer where action = $1 and verdict = 'approve' and consumed_at is null and revoked_at is null order by at, policy, person`,
    [action],
  );
  return result.rows.map((row) => ({
    policy: row.policy,
    policyDigest: row.policy_digest,
    person: row.person,
    ...(row.vouched_by.length === 0 ? {} : { vouchedBy: row.vouched_by }),
    groups: row.groups,
    at: row.at,
    callDigest: row.call_digest,
    ...(row.skimmed ? { skimmed: true as const } : {}),
    ...(row.passkey === null ? {} : { passkey: true as const }),
    ...(row.glass_until === null ? {} : { glass: { until: row.glass_until } }),
  }));
}

/** Who answered this very call alone, where that stands still. */
export async function standingGlass(tx: Tx, action: string, callDigest: string): Promise<string | undefined> {
  const text = `select person from answer where action = $1 and call_digest = $2 and glass_until > clock_timestamp()
    and consumed_at is null and revoked_at is null limit 1`;
  return (await tx.query<{ person: string }>(text, [action, callDigest])).rows[0]?.person;
}

/** Approvals are single use: spent with the durable intent, in its transaction. How many stood. */
export async function consumeApprovals(tx: Tx, action: string, callDigest: string): Promise<number> {
  const text = `update answer set consumed_at = clock_timestamp()
    where action = $1 and call_digest = $2 and verdict = 'approve' and consumed_at is null and revoked_at is null`;
  return (await tx.query(text, [action, callDigest])).rowCount;
}

export async function revokeApproval(tx: Tx, action: string, person: string): Promise<number> {
  const text = `update answer set revoked_at = clock_timestamp()
    where action = $1 and person = $2 and verdict = 'approve' and consumed_at is null and revoked_at is null`;
  return (await tx.query(text, [action, person])).rowCount;
}

/** People's answers to what has ended; its receipt had them from the ledger. */
export async function dropAnswers(tx: Tx, actions: readonly string[]): Promise<void> {
  await tx.query("delete from answer where action = any($1::text[])", [actions]);
}
