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

/** The same for a run in which something is still to be done; what nobody opened is found when it is acted in. */
export async function requireOwnRun(parts: Pick<Parts, "db">, caller: Caller, id: string): Promise<void> {
  if (id.startsWith("run_auto_")) return;
  const { closed_at: closed } = await ownRun(parts, caller, id);
  if (closed !== null) throw new Problem("conflict", `run \`${id}\` is closed`, { help: "open another run" });
}
