import { canonical, type Json } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import type { AnswerRecord } from "./approvals.ts";
import type { Parts } from "./parts.ts";
import { recordOf, recordsOf } from "./stored-record.ts";
import { type VoidRow, voidApprovals } from "./void-sql.ts";

/** An approval that was counted once and is not any more. */
interface VoidApproval extends VoidRow {
  /** What whoever gave it is told. */
  readonly sentence: string;
}

/** The approvals of these actions that no longer count, each once for whoever gave them; of one person where that is named. */
export async function voidNow(
  parts: Pick<Parts, "wrap">,
  tx: Tx,
  actions: readonly string[],
  person?: string,
): Promise<readonly VoidApproval[]> {
  const rows = await voidApprovals(tx, actions, person);
  return Promise.all(
    rows.map(async (row) => {
      const why = row.moved ? movedWords(await readSubject(tx, row.action, parts.wrap), row.person) : ruleWords;
      return { ...row, sentence: `your approval no longer counts: ${why}; look again` };
    }),
  );
}

const ruleWords = "the rule that asks for it is another one since";

/** What was found of the target before somebody approved, against what is known of it now. */
function movedWords(subject: Subject, person: string): string {
  const at = subject.entries.findLastIndex(
    ({ payload }) => (payload as { readonly answer?: AnswerRecord } | null)?.answer?.person === person,
  );
  const then = subject.entries
    .slice(0, Math.max(at, 0))
    .map(({ payload }) => recordOf(payload))
    .findLast((record) => record?.decision !== undefined);
  const now = recordsOf(subject).findLast((record) => record?.decision !== undefined);
  const isSame = canonical(textOf(then?.before)) === canonical(textOf(now?.before));
  return isSame ? "the call is not what it was" : "the target changed since";
}

const textOf = (before: Json | undefined): Json => before ?? null;
