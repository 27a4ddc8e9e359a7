import type { OpenAction } from "../action/index.ts";
import { lastReversal } from "../action/receipt-sql.ts";
import { iso } from "../floor/clock.ts";
import type { Control } from "./control.ts";

export interface Undo {
  readonly kind: "inverse" | "irreversible" | "none";
  readonly sentence: string;
  /** Until when the plan is kept; null where nothing ends it. */
  readonly until: string | null;
  /** When a call of this tool was last undone; null if never. */
  readonly lastWorked: string | null;
}

/** How a held call would be undone, and what is known of such undos. */
export async function undoOf(control: Control, open: OpenAction): Promise<Undo> {
  const { plan } = open;
  if (plan?.kind !== "inverse")
    return {
      kind: plan?.kind ?? "none",
      sentence: plan?.reason ?? "it is not known how to undo it",
      until: null,
      lastWorked: null,
    };
  const lastWorked = (await lastReversal(control.parts.db, `${open.server}.${open.tool}`)) ?? null;
  const { workspace } = control.keeper.loaded();
  const keepMs = workspace?.workflows.find(({ name }) => name === open.workflow)?.logging.keepMs;
  const until = keepMs === undefined ? null : iso(control.parts.ledger.now() + keepMs);
  return { kind: "inverse", sentence: plan.sentence, until, lastWorked };
}
