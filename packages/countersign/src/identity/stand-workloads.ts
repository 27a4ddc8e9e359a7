import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { oneLine } from "./account.ts";
import type { AgentWorkload } from "./credential.ts";
import { endWorkloads, insertCredential, type Revoked, raiseRevision, selectRules } from "./sql.ts";
import { type WorkloadRule, workloadWords } from "./workload.ts";

/** It ends with its rule; the column wants a time. */
const withItsRuleMs = Date.UTC(9999, 11, 31);

/**
 * Brings the identities in line with the rules of a workspace that is put in force: an identity for each rule that came,
 * and an end for each whose rule went, with every token that was made from it. One that somebody revoked stays so for as long
 * as its rule stands unchanged. Answers what was ended; in force on a replica as soon as it has loaded the new revision.
 */
export async function standWorkloads(
  tx: Tx,
  clock: Clock,
  rules: readonly WorkloadRule[],
  of: { readonly by: string; readonly vouchedBy: readonly string[] },
): Promise<readonly Revoked[]> {
  const standing = new Set((await selectRules(tx)).map(nameOf));
  const came = rules.filter((rule) => !standing.has(nameOf(rule)));
  if (came.length === 0 && standing.size === rules.length) return [];
  await raiseRevision(tx);
  const nowMs = clock.now();
  const because = "its rule is no longer in the workspace";
  const ended = await endWorkloads(tx, rules, { by: of.by, because, nowMs });
  for (const rule of came) await insertCredential(tx, identityOf(rule, of, nowMs), null);
  return ended;
}

function nameOf({ agent, digest }: { readonly agent: string; readonly digest: string }): string {
  return `${agent}\n${digest}`;
}

function identityOf(
  rule: WorkloadRule,
  { by, vouchedBy }: { readonly by: string; readonly vouchedBy: readonly string[] },
  nowMs: number,
): AgentWorkload {
  const { agent, environment, issuer, digest, note } = rule;
  const words = workloadWords(rule);
  return {
    kind: "agent_workload",
    id: newId("key", nowMs),
    ...{ agent, environment, vouchedBy, issuer, rule: digest },
    note: oneLine(note === undefined ? words : `${note}: ${words}`, 200),
    createdAtMs: nowMs,
    createdBy: by,
    expiresAtMs: withItsRuleMs,
    lastUsedAtMs: undefined,
  };
}
