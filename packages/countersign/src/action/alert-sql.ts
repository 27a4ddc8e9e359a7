import type { AlertKind } from "@countersign/contract";
import type { Tx } from "../db/db.ts";

export async function openAlert(tx: Tx, id: string, kind: AlertKind, subject: string, sentence: string): Promise<void> {
  await tx.query("insert into alert (id, kind, subject, sentence) values ($1,$2,$3,$4) on conflict do nothing", [
    id,
    kind,
    subject,
    sentence,
  ]);
}

export async function settleAlert(tx: Tx, kind: AlertKind, subject: string): Promise<void> {
  await tx.query(
    "update alert set settled_at = clock_timestamp() where kind = $1 and subject = $2 and settled_at is null",
    [kind, subject],
  );
}

/** Settles all of a kind but those about the named. */
export async function settleOthers(tx: Tx, kind: AlertKind, subjects: readonly string[]): Promise<void> {
  await tx.query(
    "update alert set settled_at = clock_timestamp() where kind = $1 and settled_at is null and not subject = any($2::text[])",
    [kind, subjects],
  );
}

/** Alerts about these say no more what they were about. */
export async function blankAlerts(tx: Tx, subjects: readonly string[]): Promise<void> {
  const text = "update alert set sentence = 'what this was about was erased' where subject = any($1::text[])";
  await tx.query(text, [subjects]);
}
