import type { Tx } from "../db/db.ts";

export interface VoidRow {
  readonly action: string;
  readonly person: string;
  /** When the newest of them was given. */
  readonly at: string;
  /** What it was given to is not the call that waits now; else it is the text of the policy that is another one. */
  readonly moved: boolean;
}

/**
 * Who approved something that waits, of which no approval counts any more: it was given to what was there before, or to
 * the text of a policy that asks in other words now. `person`: this one's alone.
 */
export async function voidApprovals(
  tx: Tx,
  actions: readonly string[],
  person: string | null = null,
): Promise<readonly VoidRow[]> {
  if (actions.length === 0) return [];
  const text = `with given as (
      select a.action, a.person, a.policy, a.at, a.call_digest <> o.call_digest as moved,
        a.call_digest <> o.call_digest or exists (select 1 from jsonb_array_elements(o.requirements) r
          where r->>'kind' = 'approval' and r->>'policy' = a.policy and r->>'policyDigest' <> a.policy_digest) as is_void
      from answer a join open_action o on o.id = a.action
      where a.action = any($1::text[]) and ($2::text is null or a.person = $2) and o.state = 'held'
        and a.verdict = 'approve' and a.consumed_at is null and a.revoked_at is null)
    select action, person, max(at) as at, bool_or(moved) as moved from (
      select action, person, policy, max(at) as at, bool_or(moved) as moved from given
      group by action, person, policy having bool_and(is_void)) v
    group by action, person order by action, person`;
  return (await tx.query<VoidRow>({ name: "approvals-void", text, values: [actions, person] })).rows;
}
