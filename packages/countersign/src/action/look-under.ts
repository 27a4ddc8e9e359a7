import { setImmediate as turn } from "node:timers/promises";
import type { Json, State } from "@countersign/contract";
import { SubjectKey } from "../ledger/seal.ts";
import {
  type CandidateRow,
  candidateRows,
  find,
  fits,
  lineOf,
  mostTerms,
  openHeads,
  type Reading,
  subjectsAfter,
  termsOf,
  toolTerm,
} from "../lookup/index.ts";
import { findableOf } from "./findable.ts";
import type { Parts } from "./parts.ts";
import type { DecidedRecord } from "./record.ts";

/** An action that was found. */
export interface Described {
  readonly id: string;
  readonly tool: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly target?: string;
  readonly at: string;
  readonly state: State | null;
  readonly receipt: string;
}

/** Actions that fit a reading, newest first, and down to which everything was looked at; null: everything was. */
export interface Fitting {
  readonly actions: readonly Described[];
  readonly downTo: string | null;
}

/** Of what is not indexed yet, the newest actions that one question opens. */
const mostOpened = 1_000;
const opened = 100;

export const toolReading = (tool: string): Reading => ({ terms: [toolTerm(tool)], phrases: [], commits: [] });

export interface Page {
  /** Only actions older than this one. */
  readonly before: string;
  readonly limit: number;
  /** Of the clock's tick: later than this nothing more is begun. */
  readonly untilTick: number;
}

/** Looks in the index and at what is not in it yet, and opens each action that is told of. */
export async function under(parts: Parts, reading: Reading, page: Page): Promise<Fitting> {
  const { limit } = page;
  // INVARIANT: what is not indexed is read first: what is indexed meanwhile is then found twice, and never missed.
  const recent = await notIndexed(parts, reading, page);
  const indexed = await inIndex(parts, reading, page);
  // Below where either side stopped, the other's finds wait for the next page.
  const stops = [recent.downTo, indexed.downTo].filter((at) => at !== null);
  const stop = stops.sort().at(-1) ?? null;
  const all = new Map([...indexed.actions, ...recent.actions].map((one) => [one.id, one]));
  const actions = [...all.values()]
    .filter(({ id }) => stop === null || id >= stop)
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  if (actions.length <= limit) return { actions, downTo: stop };
  return { actions: actions.slice(0, limit), downTo: actions[limit - 1]?.id ?? null };
}

async function inIndex(parts: Parts, reading: Reading, { before, limit, untilTick }: Page): Promise<Fitting> {
  const { db, clock, terms: key } = parts;
  const digests = reading.terms.map((term) => key.digest(term));
  const actions: Described[] = [];
  let from = before;
  for (;;) {
    const hits = await find(db, clock, {
      terms: digests,
      before: from,
      limit: Math.max(limit - actions.length, 20),
      untilTick,
    });
    actions.push(...(await describe(parts, reading, hits.actions, false)));
    if (hits.downTo === null) return { actions, downTo: null };
    from = hits.downTo;
    if (actions.length >= limit || clock.tick() > untilTick) return { actions, downTo: from };
  }
}

/** The newest actions of which something is not indexed yet: so that an action is found at once. */
async function notIndexed(parts: Parts, reading: Reading, { before, limit, untilTick }: Page): Promise<Fitting> {
  const { db, clock } = parts;
  const subjects = await subjectsAfter(db, await openHeads(db), before, mostOpened);
  const actions: Described[] = [];
  for (let at = 0; at < subjects.length; at += opened) {
    const some = subjects.slice(at, at + opened);
    actions.push(...(await describe(parts, reading, some, true)));
    if (actions.length >= limit || clock.tick() > untilTick) return { actions, downTo: some.at(-1) ?? null };
  }
  return { actions, downTo: subjects.length === mostOpened ? (subjects.at(-1) ?? null) : null };
}

/** Opens actions and keeps those that fit. `isNew`: the index has not said that they have the terms. */
async function describe(
  parts: Parts,
  reading: Reading,
  subjects: readonly string[],
  isNew: boolean,
): Promise<readonly Described[]> {
  if (subjects.length === 0) return [];
  const bySubject = Map.groupBy(await candidateRows(parts.db, subjects), (row) => row.subject);
  const found: Described[] = [];
  for (const [at, subject] of subjects.entries()) {
    if (at % 10 === 9) await turn();
    const rows = bySubject.get(subject) ?? [];
    const said = sayingsOf(parts, rows);
    if (fits(reading, said.line, isNew ? said.terms : undefined)) found.push(describedOf(subject, rows, said.target));
  }
  return found;
}

interface Sayings {
  readonly line: string;
  readonly terms: ReadonlySet<string>;
  readonly target: string | undefined;
}

/** All that an action says, as it is indexed. */
function sayingsOf(parts: Parts, rows: readonly CandidateRow[]): Sayings {
  const terms = new Set<string>();
  const lines: string[] = [];
  let target: string | undefined;
  for (const row of rows) {
    if (row.sealed === null || row.wrapped === null) continue;
    const { findable, ...said } = readRow(parts, row, row.wrapped, row.sealed);
    for (const term of termsOf(findable, row.step === 0 ? mostTerms.first : mostTerms.result)) terms.add(term);
    lines.push(...[findable.tool ?? "", ...findable.wholes, ...findable.names, ...findable.texts].map(lineOf));
    target ??= said.target;
  }
  return { line: lines.join(" "), terms, target };
}

/** What cannot be opened is found by its names, as in the index. */
function readRow({ wrap }: Parts, row: CandidateRow, wrapped: Buffer, sealed: Buffer) {
  try {
    const payload: Json = SubjectKey.unwrap(row.subject, wrapped, wrap).open(row.step, sealed);
    const target = (payload as Partial<DecidedRecord> | null)?.call?.target;
    return { findable: findableOf(payload, row), target };
  } catch {
    return { findable: findableOf(null, row), target: undefined };
  }
}

export function describedOf(id: string, rows: readonly CandidateRow[], target: string | undefined): Described {
  const [first] = rows;
  return {
    id,
    tool: first?.tool ?? null,
    agent: first?.agent ?? null,
    workflow: first?.workflow ?? null,
    ...(target === undefined ? {} : { target }),
    at: first?.at ?? "",
    state: (rows.at(-1)?.to_state ?? null) as State | null,
    receipt: `/v1/receipts/${id}`,
  };
}
