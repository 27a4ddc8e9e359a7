import type { Json } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { type RecordedFilter, type RecordedRow, recordedPage, recordedRange } from "./recorded-sql.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";

/** One entry, opened where it can be. */
export interface RecordedEntry {
  readonly step: number;
  readonly kind: string;
  readonly to: string | null;
  readonly writer: string;
  readonly seq: number;
  readonly person: string | null;
  readonly atUs: number;
  readonly recordedUs: number;
  /** Of the entry before it in its writer's chain; null where that is missing. */
  readonly chainUs: number | null;
  readonly payload: Json | null;
  /** What is stored is not what was sealed. */
  readonly isBroken: boolean;
}

export interface Recorded {
  readonly subject: string;
  readonly workflow: string;
  /** `open`: its content can be read; `erased`: it was erased, which is on record; `lost`: neither. */
  readonly content: "open" | "erased" | "lost";
  readonly entries: readonly RecordedEntry[];
}

export interface RecordedPage {
  readonly actions: readonly Recorded[];
  /** Where the next page begins: what it holds is older. None, where nothing older is left. */
  readonly next?: string;
}

/** A page of actions, newest first, with all of their entries opened; it may be shorter, and others still follow. Only reads. */
export async function readRecorded(
  tx: Tx,
  filter: RecordedFilter,
  limit: number,
  wrap: Pick<KeyWrap, "open">,
  walked?: number,
): Promise<RecordedPage> {
  const range = await recordedRange(tx, filter, walked);
  const rows = await recordedPage(tx, filter, range, limit);
  const actions = [...Map.groupBy(rows, (row) => row.subject)].map(([subject, own]) => recordedOf(subject, own, wrap));
  const last = actions.length < limit ? (range.isCut ? range.from : undefined) : actions.at(-1)?.subject;
  return { actions, ...(last === undefined ? {} : { next: last }) };
}

function recordedOf(subject: string, rows: readonly RecordedRow[], wrap: Pick<KeyWrap, "open">): Recorded {
  const { wrapped = null, erased = false, workflow = null } = rows[0] ?? {};
  const key = keyOf(subject, wrapped, wrap);
  return {
    subject,
    workflow: workflow ?? "",
    content: key !== undefined ? "open" : erased ? "erased" : "lost",
    entries: rows.map((row) => ({
      step: row.step,
      kind: row.kind,
      to: row.to_state,
      writer: row.writer,
      seq: row.seq,
      person: row.person,
      atUs: row.at_us,
      recordedUs: row.recorded_us,
      chainUs: row.chain_us,
      ...opened(key, row),
    })),
  };
}

function keyOf(subject: string, wrapped: Buffer | null, wrap: Pick<KeyWrap, "open">): SubjectKey | undefined {
  try {
    return wrapped === null ? undefined : SubjectKey.unwrap(subject, wrapped, wrap);
  } catch {
    return undefined;
  }
}

function opened(key: SubjectKey | undefined, { step, sealed }: RecordedRow) {
  try {
    return { payload: key?.open(step, sealed) ?? null, isBroken: false };
  } catch {
    return { payload: null, isBroken: true };
  }
}
