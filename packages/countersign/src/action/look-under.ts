import { setImmediate as turn } from "node:timers/promises";
import type { Json, State } from "@countersign/contract";
import { SubjectKey } from "../ledger/seal.ts";
import {
  type CandidateRow,
  candidateRows,
  find,
  fits,
  lineOf,
  mayFit,
  mostTerms,
  openHeads,
  type Reading,
  type Tail,
  tailRows,
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

/** Actions that are opened in one go. */
const mostOpened = 100;

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
  // Below where the index was left, what is found beside it waits for the next page.
  const stop = indexed.downTo;
  const all = new Map([...indexed.actions, ...recent].map((one) => [one.id, one]));
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

/**
 * Actions of which something is not indexed yet, so that an action is found at once. They are looked through from what
 * was written last, for a part of the time: after a long backlog the rest is found when it is indexed, and the answer
 * says that the index is behind.
 */
async function notIndexed(parts: Parts, reading: Reading, { before, untilTick }: Page): Promise<readonly Described[]> {
  const { db, clock } = parts;
  const halfTick = (clock.tick() + untilTick) / 2;
  const seen = new Set<string>();
  const actions: Described[] = [];
  let tails: readonly Tail[] = (await openHeads(db)).map(({ writer, seq }) => ({ writer, after: seq, below: null }));
  while (tails.length > 0 && clock.tick() < halfTick) {
    const rows = await tailRows(db, tails, mostOpened);
    const fresh = rows.filter(({ subject }) => subject < before && !seen.has(subject)).map(({ subject }) => subject);
    for (const subject of fresh) seen.add(subject);
    actions.push(...(await describe(parts, reading, [...new Set(fresh)], true)));
    const bySeq = Map.groupBy(rows, ({ writer }) => writer);
    tails = tails.flatMap((tail) => {
      const own = bySeq.get(tail.writer) ?? [];
      return own.length < mostOpened ? [] : [{ ...tail, below: Math.min(...own.map(({ seq }) => seq)) }];
    });
  }
  return actions;
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
    if (at % 20 === 19) await turn();
    const rows = bySubject.get(subject) ?? [];
    const opened = rows.map((row) => ({ row, text: textOf(parts, row) }));
    if (
      isNew &&
      !mayFit(
        reading,
        opened.flatMap(({ row, text }) => [text ?? "", row.tool ?? "", row.agent ?? "", row.workflow ?? ""]),
      )
    )
      continue;
    const said = sayingsOf(opened);
    if (fits(reading, said.line, isNew ? said.terms : undefined)) found.push(describedOf(subject, rows, said.target));
  }
  return found;
}

/** What is sealed in an entry; `null` where it tells nothing, was erased or cannot be opened. */
function textOf({ wrap }: Parts, { subject, step, wrapped, sealed }: CandidateRow): string | null {
  if (sealed === null || wrapped === null) return null;
  try {
    return SubjectKey.unwrap(subject, wrapped, wrap).openText(step, sealed);
  } catch {
    return null;
  }
}

interface Sayings {
  readonly line: string;
  readonly terms: ReadonlySet<string>;
  readonly target: string | undefined;
}

/** All that an action says, as it is indexed. */
function sayingsOf(opened: readonly { readonly row: CandidateRow; readonly text: string | null }[]): Sayings {
  const terms = new Set<string>();
  const lines: string[] = [];
  let target: string | undefined;
  for (const { row, text } of opened) {
    if (row.sealed === null || row.wrapped === null) continue;
    // What cannot be opened is found by its names, as in the index.
    const payload = text === null ? null : (JSON.parse(text) as Json);
    const findable = findableOf(payload, row);
    for (const term of termsOf(findable, row.step === 0 ? mostTerms.first : mostTerms.result)) terms.add(term);
    lines.push(...[findable.tool ?? "", ...findable.wholes, ...findable.names, ...findable.texts].map(lineOf));
    target ??= (payload as Partial<DecidedRecord> | null)?.call?.target;
  }
  return { line: lines.join(" "), terms, target };
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
