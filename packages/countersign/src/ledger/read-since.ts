import type { Json } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";
import { clocksApartMs, type DecidingRow, decidingSince, type SinceFilter } from "./replay-sql.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";

const pageSize = 500;

/** An action with what its deciding entries hold, opened. */
export interface Decided {
  readonly subject: string;
  readonly atMs: number;
  readonly erased: boolean;
  readonly entries: readonly { readonly step: number; readonly payload: Json | null }[];
}

/**
 * Actions that were asked for since a moment, newest first, page by page, with what their deciding entries hold opened.
 * With `untilMs` it begins there, a little later as clocks may be apart. Only reads, and reads the next page while the last one is looked at.
 */
export async function* readSince(
  tx: Tx,
  { untilMs, ...filter }: Omit<SinceFilter, "before"> & { readonly untilMs?: number },
  wrap: KeyWrap,
): AsyncGenerator<readonly Decided[]> {
  const fetch = (before: string): Promise<readonly DecidingRow[]> => {
    const page = decidingSince(tx, { ...filter, before }, pageSize);
    // Whoever stops early never asks for what was fetched ahead.
    page.catch(() => undefined);
    return page;
  };
  let next = fetch(untilMs === undefined ? "act_~" : firstIdAt("act", untilMs + clocksApartMs));
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    if (last === undefined) return;
    next = fetch(last.subject);
    yield [...Map.groupBy(rows, (row) => row.subject)].map(([subject, own]) => opened(subject, own, wrap));
  }
}

function opened(subject: string, rows: readonly DecidingRow[], wrap: KeyWrap): Decided {
  const wrapped = rows[0]?.wrapped ?? null;
  const key = wrapped === null ? null : SubjectKey.unwrap(subject, wrapped, wrap);
  return {
    subject,
    atMs: rows[0]?.at_ms ?? 0,
    erased: key === null,
    entries: rows.flatMap(({ step, sealed }) =>
      step === null || sealed === null ? [] : [{ step, payload: key?.open(step, sealed) ?? null }],
    ),
  };
}
