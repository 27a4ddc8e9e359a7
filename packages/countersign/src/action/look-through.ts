import { setImmediate as turn } from "node:timers/promises";
import { newestFirstEntries } from "../ledger/look-sql.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Described } from "./look-under.ts";
import type { Parts } from "./parts.ts";
import { stateOf } from "./receipt-sql.ts";
import { recordOf } from "./stored-record.ts";

/** How many of the newest actions are looked through for a piece of a word, which no index knows. */
const most = 500;

/** Actions whose target holds a text anywhere, among the newest. */
export async function lookThrough(
  parts: Parts,
  q: string,
  before: string,
  limit: number,
): Promise<{ readonly actions: readonly Described[]; readonly searched: number; readonly downTo: string | null }> {
  const wanted = q.replaceAll('"', "").toLowerCase();
  const rows = await newestFirstEntries(parts.db, before, most);
  const actions: Described[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % 20 === 19) await turn();
    const { subject: id, tool, agent, workflow, at } = row;
    const target = targetOf(parts, row);
    if (!target.toLowerCase().includes(wanted) && !(tool ?? "").toLowerCase().includes(wanted)) continue;
    const state = (await stateOf(parts.db, id)) ?? null;
    actions.push({ id, tool, agent, workflow, target, at, state, receipt: `/v1/receipts/${id}` });
    if (actions.length >= limit) return { actions, searched: rows.length, downTo: id };
  }
  // The older ones are looked through page by page.
  return { actions, searched: rows.length, downTo: rows.length === most ? (rows.at(-1)?.subject ?? null) : null };
}

function targetOf({ wrap }: Parts, row: Awaited<ReturnType<typeof newestFirstEntries>>[number]): string {
  try {
    const payload = SubjectKey.unwrap(row.subject, row.wrapped, wrap).open(0, row.sealed);
    return recordOf(payload)?.call?.target ?? "";
  } catch {
    return "";
  }
}
