import type { Tx } from "../db/db.ts";
import { iso } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { Account } from "./account.ts";
import { selectHeld } from "./sql.ts";

/** The free one of an account's two places; fails with `conflict` naming which credential to revoke where there is none. */
export async function takeSlot(
  tx: Tx,
  account: Account,
  kind: "agent_key" | "agent_jwk",
  nowMs: number,
): Promise<1 | 2> {
  const held = await selectHeld(tx, { ...account, kind }, nowMs);
  const taken = new Set(held.map((one) => one.slot));
  const free = ([1, 2] as const).find((slot) => !taken.has(slot));
  if (free !== undefined) return free;
  const what = kind === "agent_key" ? "keys" : "public keys";
  const each = held.map(({ credential: one }) => {
    const used = one.lastUsedAtMs === undefined ? "never used" : `last used ${iso(one.lastUsedAtMs)}`;
    return `\`${one.id}\` (made ${iso(one.createdAtMs)}, ${used})`;
  });
  throw new Problem(
    "conflict",
    `agent \`${account.agent}\` already has two live ${what} in \`${account.environment}\`${account.onBehalfOf === undefined ? "" : ` for \`${account.onBehalfOf}\``}: ${each.join(", ")}`,
    { help: `revoke the older one, \`${held[0]?.credential.id ?? ""}\`, once nothing uses it any more` },
  );
}
