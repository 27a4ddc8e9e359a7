import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import type { Parts } from "./parts.ts";
import { type RunRow, runRow } from "./run-sql.ts";

/** A run that was opened for this agent; another's is as unknown to it as one that there is not. */
export async function ownRun(parts: Pick<Parts, "db">, caller: Caller, id: string): Promise<RunRow> {
  const row = await runRow(parts.db, id);
  if (row !== undefined && row.agent === caller.agent && row.workflow === caller.workflow) return row;
  throw new Problem("not_found", `there is no run \`${id.slice(0, 80)}\` of this agent`, {
    help: "open a run first, or leave the run out",
  });
}
