import type { Tx } from "../db/db.ts";
import type { Family } from "./family.ts";
import { type FamilyRow, familyNow, mostOfFamily } from "./sql.ts";

/** What a family has brought, and its actions that are not known here, oldest first. */
export interface Looked extends Pick<FamilyRow, "marks" | "line"> {
  readonly unknown: readonly string[];
  /** Raises what need not be listed again, once those were asked about; none stands before `settled` that was not listed. */
  done(settled: string): void;
}

/**
 * Looks at a family as it stands. What was listed before and is known is counted only: where there are as many as then
 * they are the same ones, since no action ever goes; where another came between them, all are listed.
 */
export async function look(tx: Tx, family: Family, root: string, run: string): Promise<Looked> {
  let before = family.listed;
  let found = await familyNow(tx, root, run, [before.floor, before.known.at(-1) ?? before.floor]);
  if (found.between !== before.known.length) {
    before = { floor: before.floor, known: [] };
    found = await familyNow(tx, root, run, [before.floor, before.floor]);
  }
  const { marks, line, actions } = found;
  // Where there are more than that, those before them are not listed, and below the floor from then on.
  if (before.known.length + actions.length >= mostOfFamily) family.lose();
  return {
    marks,
    line,
    unknown: actions.filter((id) => !family.knows(id)),
    done: (settled) => family.list(before, actions, settled),
  };
}
