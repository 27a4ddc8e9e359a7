import type { State } from "@countersign/contract";
import { listActions } from "../ledger/list-sql.ts";
import { entriesOf } from "../ledger/sql.ts";
import { afterAll, type Progress, progressOf, readingsOf } from "../lookup/index.ts";
import { lookThrough } from "./look-through.ts";
import { type Described, openBacklog, toolReading, under } from "./look-under.ts";
import type { Parts } from "./parts.ts";

export interface Lookup {
  readonly q: string;
  /** `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
  /** Names that are in force now, to tell a name from a piece of text. */
  readonly agents: ReadonlySet<string>;
  readonly workflows: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
}

export interface Found {
  readonly taken: "id" | "run" | "agent" | "workflow" | "tool" | "text";
  readonly actions: readonly Described[];
  /** How many of the newest actions were looked through one by one, where the index knew nothing. */
  readonly searched?: number;
  readonly index: Progress;
  readonly next?: string;
}

type Page = Omit<Found, "index">;

/** What somebody pasted: an id, a run, a name, an address, or words of what an action said or answered. */
export async function lookUp(parts: Parts, wanted: Lookup): Promise<Found> {
  const [page, index] = await Promise.all([pageOf(parts, wanted), progressOf(parts.db, parts.ledger.now())]);
  return { ...page, index };
}

function pageOf(parts: Parts, wanted: Lookup): Promise<Page> {
  const { q } = wanted;
  const id = /\b(?:act|gov|dec)_[0-9a-hjkmnp-tv-z]{26}\b/.exec(q)?.[0];
  if (id !== undefined) return byId(parts, id);
  const run = /\brun_(?:[0-9a-hjkmnp-tv-z]{26}|auto_[0-9a-f]{22})\b/.exec(q)?.[0];
  if (run !== undefined) return byColumn(parts, wanted, "run", run);
  if (wanted.agents.has(q)) return byColumn(parts, wanted, "agent", q);
  if (wanted.workflows.has(q)) return byColumn(parts, wanted, "workflow", q);
  return byText(parts, wanted);
}

async function byId(parts: Parts, id: string): Promise<Page> {
  const rows = await entriesOf(parts.db, id);
  const [first] = rows;
  if (first === undefined) return { taken: "id", actions: [] };
  const { tool, agent, workflow, at } = first;
  const state = (rows.at(-1)?.to_state ?? null) as State | null;
  return { taken: "id", actions: [{ id, tool, agent, workflow, at, state, receipt: `/v1/receipts/${id}` }] };
}

async function byColumn(
  parts: Parts,
  { cursor, limit }: Lookup,
  column: "run" | "agent" | "workflow",
  value: string,
): Promise<Page> {
  const before = cursorOf(cursor)?.before;
  const rows = await listActions(parts.db, { [column]: value, limit, ...(before === undefined ? {} : { before }) });
  const actions = rows.map(({ subject: id, tool, agent, workflow, at, state }) => ({
    id,
    tool,
    agent,
    workflow,
    at,
    state: state as State,
    receipt: `/v1/receipts/${id}`,
  }));
  const last = rows.at(-1);
  return { taken: column, actions, ...(rows.length < limit || last === undefined ? {} : { next: last.subject }) };
}

/** A page gives up the rest after this time, and says how far it came. */
const longestMs = 1_000;

/** Tells a cursor which reading it belongs to: the one under which the first page found something. */
const through = "x";

/** A tool's name first, then each reading of the text, then the newest targets for a piece of one. */
async function byText(parts: Parts, { q, cursor, limit, tools }: Lookup): Promise<Page> {
  const isTool = tools.has(q);
  const readings = isTool ? [toolReading(q)] : readingsOf(q);
  const taken = isTool ? "tool" : "text";
  const given = cursorOf(cursor);
  const before = given?.before ?? afterAll;
  const untilTick = parts.clock.tick() + longestMs;
  const backlog = await openBacklog(parts);
  for (const [at, reading] of readings.entries()) {
    if (given !== undefined && given.reading !== String(at)) continue;
    const { actions, downTo } = await under(parts, reading, { before, limit, untilTick }, backlog);
    if (given === undefined && actions.length === 0 && downTo === null) continue;
    return { taken, actions, ...(downTo === null ? {} : { next: `${downTo}.${at}` }) };
  }
  if (given !== undefined && given.reading !== through) return { taken, actions: [] };
  const { actions, searched, downTo } = await lookThrough(parts, q, before, limit);
  return { taken, actions, searched, ...(downTo === null ? {} : { next: `${downTo}.${through}` }) };
}

function cursorOf(cursor: string | undefined): { readonly before: string; readonly reading: string } | undefined {
  if (cursor === undefined) return undefined;
  const [before = "", reading = "0"] = cursor.split(".");
  return { before, reading };
}
