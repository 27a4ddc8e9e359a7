import { marksOf } from "../flow/index.ts";
import { addMarks } from "../flow/sql.ts";
import type { Caller } from "../identity/caller.ts";
import { ownRun } from "./own-run.ts";
import type { Parts } from "./parts.ts";

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
  const { root } = await ownRun(parts, caller, run);
  const tool = parts.plane.current().tool(server, method);
  if (root === null || tool === undefined) return;
  await addMarks(parts.db, root, marksOf(tool.classify({}).flow, tool.id, ""));
}
