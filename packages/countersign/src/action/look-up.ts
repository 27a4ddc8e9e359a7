import type { State } from "@countersign/contract";
import { newestFirstEntries } from "../ledger/look-sql.ts";
import { SubjectKey } from "../ledger/seal.ts";
import { entriesOf, listActions } from "../ledger/sql.ts";
import type { Parts } from "./parts.ts";
import { stateOf } from "./sql.ts";
import { recordsOf } from "./stored-record.ts";

export interface Lookup {
  readonly q: string;
  readonly before?: string;
  readonly limit: number;
  /** Names that are in force now, to tell a name from a piece of text. */
  readonly agents: ReadonlySet<string>;
  readonly workflows: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
}

export interface Found {
  readonly taken: "id" | "run" | "agent" | "workflow" | "tool" | "target";
  readonly actions: readonly FoundAction[];
  readonly searched?: number;
  readonly next?: string;
}

interface FoundAction {
  readonly id: string;
  readonly tool: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly target?: string;
  readonly at: string;
  readonly state: State | null;
  readonly receipt: string;
}

/** How many of the newest actions are looked through where no index helps. */
const mostTools = 2_000;
const mostTargets = 500;

/** What somebody pasted: an id, a run, a name, or text that a target holds. Ids and names are found by index. */
export async function lookUp(parts: Parts, wanted: Lookup): Promise<Found> {
  const { q } = wanted;
  const id = /\b(?:act|gov|dec)_[0-9a-hjkmnp-tv-z]{26}\b/.exec(q)?.[0];
  if (id !== undefined) return byId(parts, id);
  const run = /\brun_(?:[0-9a-hjkmnp-tv-z]{26}|auto_[0-9a-f]{22})\b/.exec(q)?.[0];
  if (run !== undefined) return byColumn(parts, wanted, "run", run);
  if (wanted.agents.has(q)) return byColumn(parts, wanted, "agent", q);
  if (wanted.workflows.has(q)) return byColumn(parts, wanted, "workflow", q);
  if (wanted.tools.has(q)) return byTool(parts, wanted);
  return byTarget(parts, wanted);
}

async function byId(parts: Parts, id: string): Promise<Found> {
  const rows = await entriesOf(parts.db, id);
  const [first] = rows;
  if (first === undefined) return { taken: "id", actions: [] };
  const { tool, agent, workflow, at } = first;
  const state = (rows.at(-1)?.to_state ?? null) as State | null;
  return { taken: "id", actions: [{ id, tool, agent, workflow, at, state, receipt: path(id) }] };
}

async function byColumn(
  parts: Parts,
  { before, limit }: Lookup,
  column: "run" | "agent" | "workflow",
  value: string,
): Promise<Found> {
  const rows = await listActions(parts.db, { [column]: value, limit, ...(before === undefined ? {} : { before }) });
  return { taken: column, actions: rows.map(lineOf), ...nextOf(rows, limit) };
}

async function byTool(parts: Parts, { q, before, limit }: Lookup): Promise<Found> {
  const rows = await listActions(parts.db, { limit: mostTools, ...(before === undefined ? {} : { before }) });
  const found = rows.filter((row) => row.tool === q).slice(0, limit);
  return { taken: "tool", actions: found.map(lineOf), searched: rows.length, ...nextOf(found, limit) };
}

/** Targets are sealed: the newest actions are opened and looked at. */
async function byTarget(parts: Parts, { q, before, limit }: Lookup): Promise<Found> {
  const wanted = q.toLowerCase();
  const rows = await newestFirstEntries(parts.db, before ?? "act_~", mostTargets);
  const actions: FoundAction[] = [];
  for (const row of rows) {
    if (actions.length >= limit) break;
    const key = SubjectKey.unwrap(row.subject, row.wrapped, parts.wrap);
    const call = recordsOf({ entries: [{ entry: row, payload: key.open(0, row.sealed) }] })[0]?.call;
    const { subject: id, tool, agent, workflow, at } = row;
    const target = call?.target ?? "";
    if (!target.toLowerCase().includes(wanted) && !(tool ?? "").toLowerCase().includes(wanted)) continue;
    const state = (await stateOf(parts.db, id)) ?? null;
    actions.push({ id, tool, agent, workflow, target, at, state, receipt: path(id) });
  }
  const last = rows.at(-1);
  const more = actions.length >= limit ? actions.at(-1)?.id : rows.length === mostTargets ? last?.subject : undefined;
  return { taken: "target", actions, searched: rows.length, ...(more === undefined ? {} : { next: more }) };
}

function lineOf(row: Awaited<ReturnType<typeof listActions>>[number]): FoundAction {
  const { subject: id, tool, agent, workflow, at, state } = row;
  return { id, tool, agent, workflow, at, state: state as State, receipt: path(id) };
}

function nextOf(rows: readonly { readonly subject: string }[], limit: number): { readonly next?: string } {
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? {} : { next: last.subject };
}

function path(id: string): string {
  return `/v1/receipts/${id}`;
}
