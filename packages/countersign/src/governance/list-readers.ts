import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readEntriesSince } from "../ledger/look-sql.ts";
import { readSubject } from "../ledger/read.ts";
import type { EntryRow } from "../ledger/sql.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import type { ReadRange } from "./note-reads.ts";

export interface Reader {
  readonly person: string;
  readonly how: string;
  readonly method: string;
  readonly at: string;
}

interface ReadNote {
  readonly receipt?: string;
  readonly range?: ReadRange;
  readonly how?: string;
  readonly method?: string;
}

/** Whether it is among many that were read at once; where only the newest were, it may be. */
function isWithin({ subject, at, workflow }: EntryRow, range: ReadRange | undefined): boolean {
  if (range === undefined || !subject.startsWith("act_")) return false;
  const time = Date.parse(at);
  const isThen = Date.parse(range.since) <= time && time <= Date.parse(range.until);
  return isThen && (range.workflow === undefined || range.workflow === workflow);
}

/** At most this many readings are looked through: they are sealed, so none can be picked out by its receipt. */
const mostRead = 2_000;

/** Who has read this receipt, for an auditor. */
export async function listReaders(control: Control, person: PersonCaller, receipt: string): Promise<readonly Reader[]> {
  requireMay(person, "read-readers", contextOf(control, {}));
  const { db, wrap } = control.parts;
  const subject = await readSubject(db, receipt, wrap);
  const first = subject.entries[0]?.entry;
  if (first === undefined) throw new Problem("not_found", `there is no receipt \`${receipt.slice(0, 60)}\` here`);
  const found: Reader[] = [];
  for (const row of await readEntriesSince(db, first.at, mostRead)) {
    const payload = (await readSubject(db, row.subject, wrap)).entries[0]?.payload;
    const said = payload as ReadNote | null;
    if (said === null || (said.receipt !== receipt && !isWithin(first, said.range))) continue;
    found.push({ person: row.person ?? "", how: said.how ?? "", method: said.method ?? "", at: row.at });
  }
  return found;
}
