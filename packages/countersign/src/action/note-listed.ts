import { Problem } from "../floor/problem.ts";
import { marksOf } from "../flow/index.ts";
import { addMarks } from "../flow/sql.ts";
import type { Caller } from "../identity/caller.ts";
import type { Parts } from "./parts.ts";
import { runRow } from "./sql.ts";

/**
 * A server's list of resources or prompts brings names and descriptions that others may have written, and is no action:
 * its run is marked as by a read of them, before it is told.
 */
export async function noteListed(
  parts: Parts,
  caller: Caller,
  run: string,
  server: string,
  method: string,
): Promise<void> {
  const row = await runRow(parts.db, run);
  if (row === undefined || row.agent !== caller.agent || row.workflow !== caller.workflow)
    throw new Problem("not_found", `there is no run \`${run.slice(0, 80)}\` of this agent`, {
      help: "open a run first, or leave the run out",
    });
  const tool = parts.plane.current().tool(server, method);
  if (row.root === null || tool === undefined) return;
  await addMarks(parts.db, row.root, marksOf(tool.classify({}).flow, tool.id, ""));
}
