import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import { oneLine } from "./account.ts";
import type { IdentityEntry } from "./credential.ts";
import { type Revoked, raiseRevision, revokeRows } from "./sql.ts";

export interface RevokedCredentials {
  readonly revoked: readonly Revoked[];
  readonly entry: IdentityEntry;
}

/**
 * Ends one credential, or all that an agent or a person holds, with every token that came from them. In force on a
 * replica as soon as it has loaded the new revision. Fails with `not_found` where one was named that is not live.
 */
export async function revokeCredential(
  tx: Tx,
  clock: Clock,
  wanted: {
    readonly which: { readonly id: string } | { readonly subject: string };
    readonly by: string;
    readonly because: string;
  },
): Promise<RevokedCredentials> {
  await raiseRevision(tx);
  const because = oneLine(wanted.because, 500);
  const revoked = await revokeRows(tx, wanted.which, { by: wanted.by, because, nowMs: clock.now() });
  if ("id" in wanted.which && revoked.length === 0) {
    throw new Problem("not_found", `there is no live credential \`${oneLine(wanted.which.id, 60)}\``);
  }
  const payload = {
    deed: "revoked",
    by: wanted.by,
    because,
    revoked: revoked.map((one) => ({
      credential: one.id,
      kind: one.kind,
      subject: one.subject,
      environment: one.environment,
    })),
  };
  return { revoked, entry: { kind: "credential", payload } };
}
