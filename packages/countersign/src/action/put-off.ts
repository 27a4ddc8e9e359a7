import { chance, newId } from "../floor/id.ts";
import { openAlert, settleAlert } from "./alert-sql.ts";
import { giveBack } from "./claim-sql.ts";
import type { OpenRow } from "./open-sql.ts";
import type { Parts } from "./parts.ts";

const firstMs = 250;
/** So many rounds double their wait; after them people are told, and it is looked at once in a while. */
export const mostRounds = 8;
const seldomMs = 600_000;
const mostKnown = 10_000;

// Owned here alone: how often in a row this replica found an action moved, for as long as the parts live.
const moves = new WeakMap<Parts["inFlight"], Map<string, number>>();

function roundsOf({ inFlight }: Parts): Map<string, number> {
  const known = moves.get(inFlight) ?? new Map<string, number>();
  moves.set(inFlight, known);
  return known;
}

/**
 * Gives back an action that was about to run when the rules, or what others took of a window, moved under it: each time
 * for longer, and not for as long as others who met the same. Where that goes on it stays held, and people are told.
 */
export async function putOff(parts: Parts, row: OpenRow): Promise<void> {
  const rounds = roundsOf(parts);
  const round = (rounds.get(row.id) ?? 0) + 1;
  // What another replica ended is not told here.
  if (rounds.size > mostKnown) rounds.clear();
  rounds.set(row.id, round);
  if (round <= mostRounds) return giveBack(parts.db, row, firstMs * 2 ** (round - 1) * (0.5 + chance() / 2));
  const sentence = `\`${row.server}.${row.tool}\` is allowed, and ${round} times in a row the rules or its windows moved before it ran: it stays held`;
  await openAlert(parts.db, newId("gov", parts.clock.now()), "moved", row.id, sentence);
  parts.log.warn({ action: row.id, rounds: round }, "an action is moved under again and again, and stays held");
  await giveBack(parts.db, row, seldomMs);
}

/** It came through, or ended: whoever told people of it may be another replica, and each round has raised the fence. */
export async function endPutOff(parts: Parts, row: OpenRow): Promise<void> {
  roundsOf(parts).delete(row.id);
  if (row.fence > mostRounds) await settleAlert(parts.db, "moved", row.id);
}
