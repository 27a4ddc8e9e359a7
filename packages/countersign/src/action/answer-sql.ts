import type { Tx } from "../db/db.ts";

/** One answer of a person: to one action as it was then, whatever the number of policies that asked. */
export interface AnswerRow {
  readonly action: string;
  readonly at: string;
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly dwell_ms: number | null;
  readonly policies: readonly string[];
  readonly risk: string | null;
  readonly skimmed: boolean;
}

/** One answer may have as many rows as policies asked. */
const rowsOfAnswer = 20;

/** An answer whose newest row is told already is not told again for its older ones. */
const beforeThat = `and (at, action) < ($4::timestamptz, $5) and not exists (select 1 from answer b
  where b.action = a.action and b.person = a.person and b.call_digest = a.call_digest
    and (b.at, b.action) >= ($4::timestamptz, $5))`;

/** Which answers: those before a moment, those to one action. */
export interface AnswersWanted {
  readonly before?: { readonly at: string; readonly action: string };
  readonly action?: string;
}

/** Each with the time of the newest, where it was given again. */
export async function answersOf(
  tx: Tx,
  person: string,
  { before, action }: AnswersWanted,
  limit: number,
): Promise<readonly AnswerRow[]> {
  const text = `select action, max(at) as at, (array_agg(verdict order by at desc))[1] as verdict,
      (array_agg(reason order by at desc))[1] as reason, (array_agg(dwell_ms order by at desc))[1] as dwell_ms,
      array_agg(policy order by policy) as policies, (array_agg(risk order by at desc))[1] as risk, bool_or(skimmed) as skimmed
    from (select * from answer a where person = $1 and ($3::text is null or action = $3) ${before === undefined ? "" : beforeThat}
      order by at desc limit $2 * ${rowsOfAnswer}) a
    group by action, call_digest order by max(at) desc, action desc limit $2`;
  const after = before === undefined ? [] : [before.at, before.action];
  return (await tx.query<AnswerRow>(text, [person, limit, action ?? null, ...after])).rows;
}

export interface GivenRow {
  readonly person: string;
  readonly at_ms: number;
  readonly asked_ms: number | null;
  readonly verdict: "approve" | "deny";
  readonly dwell_ms: number | null;
  readonly shown_ms: number | null;
  readonly size: number | null;
}

/** Answers within the window, once for each request, oldest first; of one person, or of all. The newest where there are more. */
export async function givenWithin(
  tx: Tx,
  windowMs: number,
  person: string | null,
  limit: number,
): Promise<readonly GivenRow[]> {
  const text = `select person, (extract(epoch from at) * 1000)::float8 as at_ms,
      (extract(epoch from asked_at) * 1000)::float8 as asked_ms, verdict, dwell_ms, shown_ms, size
    from (
      select person, action, max(at) as at, min(asked_at) as asked_at, (array_agg(verdict order by at desc))[1] as verdict,
        max(dwell_ms) as dwell_ms, max(shown_ms) as shown_ms, max(size) as size
      from answer where at > clock_timestamp() - $1::double precision * interval '1 millisecond' and ($2::text is null or person = $2)
      group by person, action order by 3 desc limit $3) a order by at`;
  return (await tx.query<GivenRow>(text, [windowMs, person, limit])).rows;
}

/** Held until the transaction ends. */
export async function lockApprover(tx: Tx, person: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('approver ' || $1, 0))", [person]);
}

/** When a person approved something within the last hour, once for each request; seeded ones count like others. */
export async function approvedLately(tx: Tx, person: string, except = ""): Promise<readonly string[]> {
  const text = `select max(at) as at from answer
      where person = $1 and verdict = 'approve' and action <> $2 and at > clock_timestamp() - interval '1 hour'
      group by action
    union all select answered_at from canary
      where person = $1 and verdict = 'approve' and id <> $2 and answered_at > clock_timestamp() - interval '1 hour'`;
  return (await tx.query<{ at: string }>(text, [person, except])).rows.map(({ at }) => at);
}
