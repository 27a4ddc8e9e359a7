import type { Tx } from "../db/db.ts";
import type { ToolProof } from "./tool-proof.ts";

export async function toolProofs(tx: Tx, rules: string): Promise<readonly ToolProof[]> {
  return (await tx.query<ToolProof>("select tool, shape, why from tool_proof where rules = $1", [rules])).rows;
}

export async function putToolProofs(tx: Tx, rules: string, proofs: readonly ToolProof[]): Promise<void> {
  await tx.query(
    `insert into tool_proof (rules, tool, shape, why)
     select $1, p.tool, p.shape, p.why from unnest($2::text[], $3::text[], $4::text[]) p (tool, shape, why)
     -- What somebody proved stays proven, whoever had no time for it since.
     on conflict (rules, tool, shape) do update set why = excluded.why, at = clock_timestamp()
       where tool_proof.why is not null`,
    [rules, proofs.map(({ tool }) => tool), proofs.map(({ shape }) => shape), proofs.map(({ why }) => why)],
  );
}

/** Of rules that are not in force nothing is looked up any more. */
export async function dropOtherProofs(tx: Tx, rules: string): Promise<void> {
  await tx.query("delete from tool_proof where rules <> $1", [rules]);
}
