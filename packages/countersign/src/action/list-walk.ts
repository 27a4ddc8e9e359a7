import type { State } from "@countersign/contract";
import {
  everIn,
  firstEntriesAfter,
  type ListRow,
  listActions,
  listThese,
  type RareState,
  rareStates,
  type Span,
  spanOf,
} from "../ledger/list-sql.ts";
import { find, lineOf, openHeads, progressOf, readingsOf, stands, toolTerm } from "../lookup/index.ts";
import type { ActionFilter } from "./list-actions.ts";
import { erasedOf, underWay } from "./list-sql.ts";
import { type Fitting, openBacklog, under } from "./look-under.ts";
import type { Parts } from "./parts.ts";

/** The next below an action, newest first, and down to which nothing else can fit; null: to the end. */
export interface Step {
  readonly rows: readonly ListRow[];
  readonly downTo: string | null;
}

/** Leads to actions that may fit, in the order of their ids from the newest on. */
export type Walk = (before: string | undefined) => Promise<Step>;

interface Candidates {
  readonly subjects: readonly string[];
  readonly downTo: string | null;
}

const stride = 500;

/**
 * The way to what a filter asks for on which the least is passed that does not fit. Later than `untilTick`, of the
 * clock's tick, nothing more is begun.
 */
export async function walkOf(parts: Parts, filter: ActionFilter, untilTick: number): Promise<Walk> {
  const { target, run, risk, state, tool, agent, workflow } = filter;
  const isNamed = agent !== undefined || workflow !== undefined;
  const { before: _, limit: __, state: ___, risk: ____, target: _____, ...fields } = filter;
  const these = (candidates: (span: Span) => Promise<Candidates>): Walk => {
    return async (before) => {
      const { subjects, downTo } = await candidates(spanOf(filter, before));
      return { rows: await listThese(parts.db, subjects, fields), downTo };
    };
  };
  if (target !== undefined) return these(await byTarget(parts, target, untilTick));
  if (run !== undefined) return byNames(parts, filter);
  if (risk !== undefined) return these((span) => byRareState(parts, span, "held"));
  // Few at any time: all of them at once.
  if (state !== undefined && isUnderWay(state))
    return these(async (span) => ({ subjects: await underWay(parts.db, span), downTo: null }));
  if (state !== undefined && isRare(state)) return these((span) => byRareState(parts, span, state));
  if (tool !== undefined && !isNamed && (await behindOf(parts)) <= mostBehind)
    return these((span) => byTool(parts, span, tool, untilTick));
  return byNames(parts, filter);
}

const isRare = (state: State): state is RareState => (rareStates as readonly State[]).includes(state);
/** No entry leads to `received`: who asks for it is told at once that nothing is in it. */
const isUnderWay = (state: State): boolean => ["received", "held", "ready", "running"].includes(state);

/** By agent, workflow or run, for each of which there is an index, or one after the other. */
function byNames(parts: Parts, { agent, workflow, run, since, until, ...filter }: ActionFilter): Walk {
  const isPlain = filter.tool === undefined && filter.state === undefined && filter.risk === undefined;
  const many = isPlain ? filter.limit : stride;
  const given = Object.entries({ agent, workflow, run, since, until }).filter(([, value]) => value !== undefined);
  const named = Object.fromEntries(given);
  return async (before) => {
    const rows = await listActions(parts.db, { ...named, limit: many, ...(before === undefined ? {} : { before }) });
    return { rows, downTo: rows.length < many ? null : (rows.at(-1)?.subject ?? null) };
  };
}

async function byRareState(parts: Parts, span: Span, state: RareState): Promise<Candidates> {
  const subjects = await everIn(parts.db, state, span, stride);
  return { subjects, downTo: subjects.length < stride ? null : (subjects.at(-1) ?? null) };
}

/** More entries than these are not looked through beside the index: as long as it is so far behind, it leads nowhere. */
const mostBehind = 20_000;
/** So many erased actions are looked through in one step. */
const mostErased = 5_000;

async function behindOf({ db, ledger }: Parts): Promise<number> {
  return (await progressOf(db, ledger.now())).behind;
}

/**
 * By the index of what was pasted. It has each action by its tool but those that it has not come to yet, and those that
 * were erased: their entries still say in clear which tool it was.
 */
async function byTool(parts: Parts, span: Span, tool: string, untilTick: number): Promise<Candidates> {
  const { db, clock, terms: key } = parts;
  const terms = [key.digest(toolTerm(tool))];
  // INVARIANT: how far the index is is read before it is asked: what it comes to meanwhile is found twice, and never missed.
  const recent = await firstEntriesAfter(db, await openHeads(db), tool, span);
  const hits = await find(db, clock, { terms, before: span.before, limit: stride, untilTick });
  const erased = await erasedOf(db, tool, span, mostErased);
  return merged(span, [hits.actions, erased.subjects, recent], [hits.downTo, erased.downTo]);
}

async function byTarget(parts: Parts, target: string, untilTick: number): Promise<(span: Span) => Promise<Candidates>> {
  const phrase = lineOf(target);
  const readings = phrase === "" ? [] : readingsOf(`"${target.replaceAll('"', " ")}"`);
  const backlog = await openBacklog(parts);
  return async (span) => {
    const page = { before: span.before, limit: stride, untilTick };
    const found: Fitting[] = [];
    for (const reading of readings) found.push(await under(parts, reading, page, backlog));
    const right = found.map(({ actions }) =>
      actions.filter((action) => stands(lineOf(action.target ?? ""), phrase)).map(({ id }) => id),
    );
    return merged(
      span,
      right,
      found.map(({ downTo }) => downTo),
    );
  };
}

/** What several lists have together, down to where the first of them left off. */
function merged(
  { from }: Span,
  lists: readonly (readonly string[])[],
  downTos: readonly (string | null)[],
): Candidates {
  const lefts = downTos.filter((one) => one !== null && one > from) as readonly string[];
  const downTo = lefts.toSorted().at(-1) ?? null;
  const subjects = [...new Set(lists.flat())]
    .filter((one) => one >= from && (downTo === null || one >= downTo))
    .toSorted()
    .toReversed();
  return { subjects, downTo };
}
