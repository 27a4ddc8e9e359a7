import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import type { Parts } from "./parts.ts";
import type { CallRecord } from "./record.ts";
import { recordsOf } from "./stored-record.ts";

/** What the record of an action says of its call. */
export async function readCall(parts: Parts, action: string): Promise<CallRecord> {
  const call = recordsOf(await readSubject(parts.db, action, parts.wrap))[0]?.call;
  if (call === undefined) throw new Problem("unavailable", "the record of this action cannot be opened");
  return call;
}
