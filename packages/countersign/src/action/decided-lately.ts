import type { Decision, DecisionInput } from "@countersign/contract";
import { listActions } from "../ledger/list-sql.ts";
import { readSubject } from "../ledger/read.ts";
import type { Parts } from "./parts.ts";
import { recordsOf } from "./stored-record.ts";

/** One action's last decision with all that it was decided on. */
export interface Decided {
  readonly action: string;
  readonly at: string;
  readonly input: DecisionInput;
  readonly decision: Decision;
  /** Policies that determined this or an earlier decision of the action, such as the one that asked people. */
  readonly determining: readonly string[];
}

export interface DecidedLately {
  readonly decided: readonly Decided[];
  /** False where there were more than could be read: what is said of them is said of the newest. */
  readonly isWhole: boolean;
}

const pageSize = 200;
/** So many are opened where nobody asks for fewer. */
export const mostActions = 20_000;

/** What was decided since a moment, newest first, opened one by one. What was erased is left out. */
export async function decidedLately(
  parts: Parts,
  filter: { readonly sinceMs: number; readonly workflow?: string; readonly most?: number },
): Promise<DecidedLately> {
  const { sinceMs, workflow, most = mostActions } = filter;
  const decided: Decided[] = [];
  let before: string | undefined;
  for (let read = 0; read < most; ) {
    const page = await listActions(parts.db, {
      limit: Math.min(pageSize, most - read),
      ...(workflow === undefined ? {} : { workflow }),
      ...(before === undefined ? {} : { before }),
    });
    for (const { subject, at } of page) {
      if (Date.parse(at) < sinceMs) return { decided, isWhole: true };
      const records = recordsOf(await readSubject(parts.db, subject, parts.wrap)).flatMap((one) =>
        one?.decision !== undefined && one.input !== undefined ? [one] : [],
      );
      const last = records.at(-1);
      if (last === undefined) continue;
      const determining = records.flatMap(({ decision }) => decision.determining.map(({ id }) => id));
      decided.push({ action: subject, at, input: last.input, decision: last.decision, determining });
    }
    before = page.at(-1)?.subject;
    read += page.length;
    if (page.length < pageSize) return { decided, isWhole: read < most || page.length === 0 };
  }
  return { decided, isWhole: false };
}
