import { lookAtHeld } from "../action/index.ts";
import { endGrantsOf } from "../approvals/sql.ts";
import type { Tx } from "../db/db.ts";
import { shutOut } from "../identity/index.ts";
import type { Workspace } from "../workspace/index.ts";
import type { Control } from "./control.ts";

/** Somebody who is no longer among the people of a workspace, or is disabled in it. */
export interface Leaver {
  readonly person: string;
  /** Their agents, which stand still until somebody takes them over. */
  readonly freezes: readonly string[];
}

export function leaversBetween(before: Workspace | undefined, after: Workspace): readonly Leaver[] {
  const able = (workspace: Workspace) => workspace.people.filter((one) => !one.disabled).map(({ email }) => email);
  const stays = new Set(able(after));
  return (before === undefined ? [] : able(before))
    .filter((person) => !stays.has(person))
    .map((person) => ({
      person,
      freezes: after.agents.filter(({ owner }) => owner === person).map(({ name }) => name),
    }));
}

/** In the transaction that takes them out: whoever comes back later begins anew. */
export async function shutOutLeavers(control: Control, tx: Tx, leavers: readonly Leaver[], by: string): Promise<void> {
  for (const { person } of leavers) {
    const because = "no longer in the workspace";
    await endGrantsOf(tx, person, by, because);
    await shutOut(tx, control.parts.clock, { person, by, because, forget: true, leaves: true });
    await lookAtHeld(tx, { onBehalfOf: person });
  }
}
