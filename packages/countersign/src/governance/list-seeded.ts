import type { OpenAction } from "../action/index.ts";
import { openCanaries } from "../approvals/canary-sql.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { waitingSeeded } from "./meet-canary.ts";
import { mayAnswer } from "./show-approval.ts";

/** The seeded requests that stand in this person's inbox now, as if they were held. */
export async function listSeeded(
  control: Control,
  person: PersonCaller,
): Promise<readonly { readonly open: OpenAction; readonly rank: number }[]> {
  const rows = await openCanaries(control.parts.db, person.email);
  return rows.flatMap((row) => {
    const open = waitingSeeded(control, row)?.open;
    return open === undefined || !mayAnswer(control, person, open) ? [] : [{ open, rank: row.risk_rank }];
  });
}
