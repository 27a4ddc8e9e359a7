import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import { checkAccount } from "./account.ts";
import { type IssuedKey, type IssueKey, issueKey } from "./issue-key.ts";
import { raiseRevision, selectHeld } from "./sql.ts";

export interface RotatedKey extends IssuedKey {
  /** Still live, so that nothing breaks: revoke it when the new one is in place. */
  readonly replaces: string;
}

/** A new key beside the one live key of the account. Fails with `not_found` where there is none, `conflict` where there are two. */
export async function rotateKey(tx: Tx, clock: Clock, wanted: IssueKey): Promise<RotatedKey> {
  const account = checkAccount(wanted);
  await raiseRevision(tx);
  const held = await selectHeld(tx, { ...account, kind: "agent_key" }, clock.now());
  const old = held[0]?.credential.id;
  if (old === undefined) {
    throw new Problem("not_found", `agent \`${account.agent}\` has no live key in \`${account.environment}\``, {
      help: "issue a first key instead",
    });
  }
  const issued = await issueKey(tx, clock, wanted);
  return {
    ...issued,
    replaces: old,
    entry: { kind: "credential", payload: { ...issued.entry.payload, deed: "rotated", replaces: old } },
  };
}
