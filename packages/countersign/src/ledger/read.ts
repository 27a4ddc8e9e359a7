import type { Json } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";
import { type EntryRow, entriesOf, wrappedKey } from "./sql.ts";

export interface Disclosed {
  readonly entry: EntryRow;
  /** `null` where the subject's key was erased: the entry still proves that something was recorded. */
  readonly payload: Json | null;
}

export interface Subject {
  readonly subject: string;
  readonly key: SubjectKey | null;
  readonly entries: readonly Disclosed[];
}

/** All entries of a subject in order, with their payloads opened. */
export async function readSubject(tx: Tx, subject: string, wrap: KeyWrap): Promise<Subject> {
  const rows = await entriesOf(tx, subject);
  const wrapped = rows.length === 0 ? null : await wrappedKey(tx, subject);
  const key = wrapped === null ? null : SubjectKey.unwrap(subject, wrapped, wrap);
  return {
    subject,
    key,
    entries: rows.map((entry) => ({ entry, payload: key?.open(entry.step, entry.sealed) ?? null })),
  };
}
