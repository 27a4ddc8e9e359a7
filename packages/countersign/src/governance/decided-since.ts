import type { Decision, DecisionInput } from "@countersign/contract";
import { decisionsOf } from "../action/stored-record.ts";
import { readPage } from "../ledger/read-page.ts";
import { type Page, pagesSince } from "../ledger/replay-sql.ts";
import type { Control } from "./control.ts";

/** One action's last decision with all that it was decided on. */
export interface Decided {
  readonly action: string;
  readonly input: DecisionInput;
  readonly decision: Decision;
  /** Policies that determined this or an earlier decision of the action, such as the one that asked people. */
  readonly determining: readonly string[];
}

export interface DecidedSince {
  /** False where there are more actions than are read: nothing can be said of what the older ones used. */
  readonly isWhole: boolean;
  /** Gives each action's last decision, the newest first, as often as it is called. What was erased is left out. */
  each(take: (decided: Decided) => void): Promise<void>;
}

// Opened at once in the server's own thread: calls wait behind no more.
const actionsOfPage = 100;
/** So many are read where nobody asks for fewer: 30 days of one every three seconds. */
export const mostActions = 1_000_000;

/** What was decided about the actions that were asked for since a moment, all of them, page by page. */
export async function decidedSince(
  { db, wrap }: Control["parts"],
  { sinceMs, workflow, most }: { readonly sinceMs: number; readonly workflow?: string; readonly most: number },
): Promise<DecidedSince> {
  const filter = { since: new Date(sinceMs).toISOString(), ...(workflow === undefined ? {} : { workflow }) };
  const pages = await pagesSince(db, { ...filter, before: "act_~" }, actionsOfPage, most + 1);
  const isWhole = pages.reduce((sum, { actions }) => sum + actions, 0) <= most;
  return {
    isWhole,
    async each(take) {
      const session = await db.connect();
      try {
        let left = most;
        for (const page of pages) left = await readSome(page, left);
      } finally {
        await session.end();
      }

      async function readSome(page: Page, most: number): Promise<number> {
        let left = most;
        await readPage(session, filter, page, wrap, (action) => {
          if (left === 0) return false;
          left--;
          const all = decisionsOf(action);
          const last = all.at(-1);
          if (last === undefined) return true;
          const determining = all.flatMap(({ decision }) => decision.determining.map(({ id }) => id));
          take({ action: action.subject, input: last.input, decision: last.decision, determining });
          return true;
        });
        return left;
      }
    },
  };
}
