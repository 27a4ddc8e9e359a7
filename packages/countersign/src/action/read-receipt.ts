import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import { erased } from "./erased.ts";
import type { Parts } from "./parts.ts";
import { type PolicyText, type Receipt, type RulesInForce, receiptOf } from "./receipt.ts";
import { lastReversal, policyTexts, putInForceBy } from "./receipt-sql.ts";
import { type ActionRecord, recordsOf } from "./stored-record.ts";

/** The receipt of an action, whole, with the texts of the policies that determined it. */
export async function readReceipt(parts: Parts, id: string): Promise<Receipt> {
  const subject = await readSubject(parts.db, id, parts.wrap);
  if (subject.entries.length === 0) throw new Problem("not_found", `there is no receipt \`${id.slice(0, 60)}\` here`);
  const decided = recordsOf(subject).findLast((record) => record?.decision !== undefined);
  const digests = decided?.decision.determining.map((policy) => policy.digest) ?? [];
  const rows = digests.length === 0 ? [] : await policyTexts(parts.db, digests);
  const texts = new Map<string, PolicyText>(
    rows.map((row) => [
      row.digest,
      {
        id: row.id,
        digest: row.digest,
        effect: row.effect,
        text: row.text,
        ...(row.title === null ? {} : { title: row.title }),
      },
    ]),
  );
  const lastWorked = await lastReversal(parts.db, subject.entries[0]?.entry.tool ?? "");
  const gone = subject.key === null ? await erased(parts.db, id, parts.wrap) : undefined;
  const rules = decided === undefined || decided === null ? undefined : await rulesOf(parts, decided);
  return receiptOf(subject, (digest) => texts.get(digest), {
    ...(lastWorked === undefined ? {} : { lastWorked }),
    ...(gone === undefined ? {} : { erased: gone }),
    ...(rules === undefined ? {} : { inForce: rules }),
  });
}

async function rulesOf(parts: Parts, { decision }: ActionRecord): Promise<RulesInForce | undefined> {
  const found = await putInForceBy(parts.db, decision.policySet.revision);
  if (found === undefined) return undefined;
  const { entry, ...rest } = found;
  return { ...rest, ...(entry === null ? {} : { receipt: `/v1/receipts/${entry}` }) };
}
