import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readEntriesSince } from "../ledger/look-sql.ts";
import { readSubject } from "../ledger/read.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

export interface Reader {
  readonly person: string;
  readonly how: string;
  readonly method: string;
  readonly at: string;
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
    const said = payload as { readonly receipt?: string; readonly how?: string; readonly method?: string } | null;
    if (said?.receipt !== receipt) continue;
    found.push({ person: row.person ?? "", how: said.how ?? "", method: said.method ?? "", at: row.at });
  }
  return found;
}
