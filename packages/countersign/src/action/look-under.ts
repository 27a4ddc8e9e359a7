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
import { recordOf } from "./stored-record.ts";

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

/** Entries that are not indexed yet and are opened in one go, and how long all of that may take. */
const mostOpened = 100;
const longestOpeningMs = 400;
/** Actions that the index is asked for at once. */
const fewest = 20;
const mostAsked = 640;
/** Actions whose text one question holds in memory. */
const mostHeld = 2_000;

export const toolReading = (tool: string): Reading => ({ terms: [toolTerm(tool)], phrases: [], commits: [] });

export interface Page {
  /** Only actions older than this one. */
  readonly before: string;
  readonly limit: number;
  /** Of the clock's tick: later than this nothing more is begun. */
  readonly untilTick: number;
}

/** Looks in the index and at what is not in it yet, and opens each action that is told of. */
export async function under(parts: Parts, reading: Reading, page: Page, backlog: Backlog): Promise<Fitting> {
  const { limit } = page;
  const indexed = await inIndex(parts, reading, page);
  const recent = (await backlog.opened()).filter(({ subject }) => subject < page.before);
  // Below where the index was left, what is found beside it waits for the next page.
  const stop = indexed.downTo;
  const all = new Map([...indexed.actions, ...fitting(reading, recent, true)].map((one) => [one.id, one]));
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
  // Where little of what is found fits, more is asked for each time.
  for (let many = Math.max(limit, fewest); ; many = Math.min(2 * many, mostAsked)) {
    const wanted = { terms: digests, before: from, limit: many, untilTick };
    const hits = await find(db, clock, wanted);
    actions.push(...fitting(reading, await open(parts, hits.actions), false));
    if (hits.downTo === null) return { actions, downTo: null };
    from = hits.downTo;
    if (actions.length >= limit || clock.tick() > untilTick) return { actions, downTo: from };
  }
}

/** Actions of which something is not indexed yet, so that an action is found at once. */
export interface Backlog {
  /** Opened once for all readings of a question. */
  opened(): Promise<readonly Opened[]>;
}

/**
 * INVARIANT: how far the index is is read now, before anything is asked of it: what is indexed meanwhile is then found
 * twice, and never missed. They are opened from what was written last, for some time: after a long backlog the rest is
 * found when it is indexed, and the answer says that the index is behind.
 */
export async function openBacklog(parts: Parts): Promise<Backlog> {
  const heads = await openHeads(parts.db);
  let opened: Promise<readonly Opened[]> | undefined;
  return {
    opened() {
      opened ??= openTails(
        parts,
        heads.map(({ writer, seq }) => ({ writer, after: seq, below: null })),
      );
      return opened;
    },
  };
}

async function openTails(parts: Parts, from: readonly Tail[]): Promise<readonly Opened[]> {
  const untilTick = parts.clock.tick() + longestOpeningMs;
  const subjects = new Set<string>();
  const opened: Opened[] = [];
  let tails = from;
  while (tails.length > 0 && opened.length < mostHeld && parts.clock.tick() < untilTick) {
    const rows = await tailRows(parts.db, tails, mostOpened);
    const fresh = [...new Set(rows.map(({ subject }) => subject))].filter((subject) => !subjects.has(subject));
    for (const subject of fresh) subjects.add(subject);
    opened.push(...(await open(parts, fresh)));
    const bySeq = Map.groupBy(rows, ({ writer }) => writer);
    tails = tails.flatMap((tail) => {
      const own = bySeq.get(tail.writer) ?? [];
      return own.length < mostOpened ? [] : [{ ...tail, below: Math.min(...own.map(({ seq }) => seq)) }];
    });
  }
  return opened;
}

interface Opened {
  readonly subject: string;
  readonly rows: readonly { readonly row: CandidateRow; readonly text: string | null }[];
  /** All that it says, folded: what most actions are ruled out by. */
  readonly folded: string;
}

/** Opens what these actions say; those that were erased meanwhile say nothing. */
async function open(parts: Parts, subjects: readonly string[]): Promise<readonly Opened[]> {
  if (subjects.length === 0) return [];
  const bySubject = Map.groupBy(await candidateRows(parts.db, subjects), (row) => row.subject);
  const opened: Opened[] = [];
  for (const [at, subject] of subjects.entries()) {
    if (at % 20 === 19) await turn();
    const rows = (bySubject.get(subject) ?? []).map((row) => ({ row, text: textOf(parts, row) }));
    const said = rows.map(({ row, text }) => `${text ?? ""} ${row.tool} ${row.agent} ${row.workflow}`);
    opened.push({ subject, rows, folded: said.join(" ").toLowerCase() });
  }
  return opened;
}

/** Those that fit. `isNew`: the index has said nothing of them; else it has said that they may have the terms. */
function fitting(reading: Reading, opened: readonly Opened[], isNew: boolean): readonly Described[] {
  return opened.flatMap(({ subject, rows, folded }) => {
    if (isNew && !mayFit(reading, folded)) return [];
    const said = sayingsOf(rows);
    return fits(reading, said.line, said.terms) ? [describedOf(subject, rows, said.target)] : [];
  });
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
function sayingsOf(opened: Opened["rows"]): Sayings {
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
    target ??= recordOf(payload)?.call?.target;
  }
  return { line: lines.join(" "), terms, target };
}

function describedOf(id: string, rows: Opened["rows"], target: string | undefined): Described {
  const first = rows[0]?.row;
  return {
    id,
    tool: first?.tool ?? null,
    agent: first?.agent ?? null,
    workflow: first?.workflow ?? null,
    ...(target === undefined ? {} : { target }),
    at: first?.at ?? "",
    state: (rows.at(-1)?.row.to_state ?? null) as State | null,
    receipt: `/v1/receipts/${id}`,
  };
}
