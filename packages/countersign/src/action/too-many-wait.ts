import type { DecisionInput, Requirement } from "@countersign/contract";
import { countWaiting } from "../approvals/queue-sql.ts";
import { askedWords, excluded } from "../policy/index.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";

/**
 * Why a request is refused at once instead of asked: where the workspace says so, nobody is given more to answer than
 * they may within an hour. Undefined where there is room. Requests that come at the same moment may all see the last room.
 */
export async function tooManyWait(
  parts: Parts,
  plane: Plane,
  { principal }: Pick<DecisionInput, "principal">,
  requirements: readonly Requirement[],
): Promise<string | undefined> {
  const { perHour, overflow } = plane.answering ?? {};
  if (perHour === undefined || overflow !== "refuse") return undefined;
  for (const requirement of requirements) {
    if (requirement.kind !== "approval") continue;
    const { from, exclude } = requirement;
    const not = new Set(excluded(exclude, principal).map((one) => one.toLowerCase()));
    const people = plane.asked(from, principal.workflow).filter((one) => !not.has(one.toLowerCase()));
    const waiting = await countWaiting(parts.db, from, from === "dri" ? principal.workflow : undefined);
    const room = people.length * perHour;
    if (people.length > 0 && waiting >= room)
      return `refused: ${waiting} requests wait for ${askedWords(from)} already, and ${room} an hour is what may be approved there, so nobody was asked; try again later`;
  }
  return undefined;
}
