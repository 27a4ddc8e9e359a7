import type { RiskLevel } from "@countersign/contract";
import type { ListRow } from "../ledger/list-sql.ts";
import type { Disclosed } from "../ledger/read.ts";
import { readSubjects } from "../ledger/run-sql.ts";
import type { Parts } from "./parts.ts";
import { recordsOf } from "./stored-record.ts";

/** Calls have their turn between these. */
const openedAtOnce = 50;

/** Those of these actions of which people were told this risk, when they were asked last. What was erased has none. */
export async function withRisk(
  { db, wrap }: Parts,
  rows: readonly ListRow[],
  risk: RiskLevel,
): Promise<readonly ListRow[]> {
  const found: ListRow[] = [];
  for (let at = 0; at < rows.length; at += openedAtOnce) {
    const some = rows.slice(at, at + openedAtOnce);
    const ids = some.map(({ subject }) => subject);
    const opened = await readSubjects(db, ids, wrap);
    found.push(...some.filter(({ subject }) => riskOf(opened.get(subject) ?? []) === risk));
  }
  return found;
}

function riskOf(entries: readonly Disclosed[]): RiskLevel | undefined {
  return recordsOf({ entries }).findLast((record) => record?.risk !== undefined)?.risk?.level;
}
