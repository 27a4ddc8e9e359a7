import type { State } from "@countersign/contract";
import type { Tx } from "../db/db.ts";

export async function stateOf(tx: Tx, id: string): Promise<State | undefined> {
  const text = "select to_state from entry where subject = $1 order by step desc limit 1";
  return (await tx.query<{ to_state: State }>({ name: "state-of", text, values: [id] })).rows[0]?.to_state;
}

export interface PolicyTextRow {
  readonly digest: string;
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly title: string | null;
  readonly text: string;
}

export async function policyTexts(tx: Tx, digests: readonly string[]): Promise<readonly PolicyTextRow[]> {
  return (
    await tx.query<PolicyTextRow>(
      "select digest, id, effect, title, text from policy_text where digest = any($1::text[])",
      [digests],
    )
  ).rows;
}

export interface PutInForce {
  readonly by: string;
  readonly signedBy: string | null;
  /** One person was enough: there was no other. */
  readonly single: boolean;
  readonly at: string;
  readonly entry: string | null;
}

/** Whose hands put this revision of the rules in force. */
export async function putInForceBy(tx: Tx, revision: number): Promise<PutInForce | undefined> {
  const text = `select applied_by as by, signed_by as "signedBy", single, applied_at as at, entry
    from workspace_version where revision = $1`;
  return (await tx.query<PutInForce>(text, [revision])).rows[0];
}

/** When an action that reversed a call of this tool last ran. */
export async function lastReversal(tx: Tx, tool: string): Promise<string | undefined> {
  const text = "select max(at) as at from entry where kind = 'reversed' and tool = $1";
  return (await tx.query<{ at: string | null }>(text, [tool])).rows[0]?.at ?? undefined;
}
