import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { approvedLately, lockApprover } from "./answer-sql.ts";

const hourMs = 3_600_000;

/** What of an hour's approvals a person has given, and when they may give one again; null where they may now. */
export interface Room {
  readonly used: number;
  readonly freeAt: string | null;
}

export function roomOf(approvedAt: readonly string[], perHour: number): Room {
  const used = approvedAt.length;
  const frees = used < perHour ? undefined : approvedAt.toSorted()[used - perHour];
  return { used, freeAt: frees === undefined ? null : new Date(Date.parse(frees) + hourMs).toISOString() };
}

/**
 * Refuses an approval beyond what one person may give within an hour.
 * INVARIANT: a person's approvals come one after the other, so two at once cannot both be the last.
 */
export async function requireRoom(tx: Tx, person: string, action: string, perHour: number): Promise<void> {
  await lockApprover(tx, person);
  const { freeAt, used } = roomOf(await approvedLately(tx, person, action), perHour);
  if (freeAt === null) return;
  throw new Problem(
    "too_many",
    `you have approved ${used} requests within the last hour, and ${perHour} is what one person may: this approval was not recorded`,
    { help: `you may deny now, approve again from ${freeAt}, or leave it to somebody else who was asked` },
  );
}
