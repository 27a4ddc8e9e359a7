import type { RiskLevel, State } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import type { ListRow } from "../ledger/list-sql.ts";
import { walkOf } from "./list-walk.ts";
import type { Parts } from "./parts.ts";
import { withRisk } from "./with-risk.ts";

export interface ActionFilter {
  readonly workflow?: string;
  readonly agent?: string;
  readonly run?: string;
  readonly tool?: string;
  readonly state?: State;
  /** What people were told of how much depends on it: only what waited for them has one. */
  readonly risk?: RiskLevel;
  /** Stands in what it acted on. */
  readonly target?: string;
  /** Asked for from this moment on, as RFC 3339 writes it. */
  readonly since?: string;
  /** Asked for before this moment. */
  readonly until?: string;
  /** The last action of the page before. */
  readonly before?: string;
  readonly limit: number;
}

export interface ActionLine {
  readonly id: string;
  readonly state: State;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly run: string | null;
  readonly at: string;
  readonly receipt: string;
}

export interface ActionPage {
  readonly actions: readonly ActionLine[];
  /** Where to go on; a page may hold less than was asked for and still have it. */
  readonly next?: string;
}

/** What a page looks through at most, where no index leads to just what is asked for. */
const mostLooked = 5_000;
/** A page gives up the rest after this time, and says how far it came. */
const longestMs = 1_000;

/** Actions, newest first: an agent sees its own only. */
export async function listActions(
  parts: Parts,
  caller: Caller | PersonCaller,
  filter: ActionFilter,
): Promise<ActionPage> {
  const { tool, state, risk, target, limit, before } = filter;
  // What an agent did for one person is not told to it where it acts for another: it could guess at targets.
  if (caller.kind === "agent" && (risk !== undefined || target !== undefined))
    throw new Problem("forbidden", "only people search by `risk` and `target`");
  const own = caller.kind === "agent" ? { agent: caller.agent, workflow: caller.workflow } : {};
  const untilTick = parts.clock.tick() + longestMs;
  const walk = await walkOf(parts, { ...filter, ...own }, untilTick);
  const actions: ActionLine[] = [];
  let from = before;
  for (let looked = 0; looked < mostLooked && (looked === 0 || parts.clock.tick() < untilTick); ) {
    const { rows, downTo } = await walk(from);
    const right = rows.filter(
      (row) => (tool === undefined || row.tool === tool) && (state === undefined || row.state === state),
    );
    for (const row of risk === undefined ? right : await withRisk(parts, right, risk)) {
      actions.push(lineOf(row));
      if (actions.length === limit) return { actions, next: row.subject };
    }
    if (downTo === null) return { actions };
    from = downTo;
    looked += Math.max(rows.length, 1);
  }
  return { actions, ...(from === undefined ? {} : { next: from }) };
}

function lineOf({ subject, state, agent, workflow, tool, run, at }: ListRow): ActionLine {
  return { id: subject, state: state as State, agent, workflow, tool, run, at, receipt: `/v1/receipts/${subject}` };
}
