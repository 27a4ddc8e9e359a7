import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { openAlertById, settleAlertById } from "./sql.ts";

/** Puts an alert away, with a reason. One about an unknown goes away by settling the unknown. */
export async function settleAlert(control: Control, person: PersonCaller, id: string, reason: string): Promise<string> {
  const alert = await openAlertById(control.parts.db, id);
  if (alert === undefined) throw new Problem("not_found", `there is no open alert \`${id.slice(0, 60)}\``);
  requireMay(person, "settle-alert", contextOf(control, {}));
  if (alert.kind === "unknown")
    throw new Problem("conflict", "this alert ends when somebody says what happened", {
      help: `settle the unknown action \`${alert.subject}\``,
    });
  if (alert.kind === "break-glass" || alert.kind === "glass-overdue")
    throw new Problem("conflict", "this alert ends when somebody else reviews what was done alone", {
      help: `review \`${alert.subject}\`: \`countersign approvals review ${alert.subject} --found …\``,
    });
  return govern(control, {
    kind: "alert",
    person: person.email,
    payload: { deed: "settled", alert, reason },
    // A closed policy set decides again.
    raises: alert.kind === "policy",
    change: async (tx) => {
      if (!(await settleAlertById(tx, id))) throw new Problem("conflict", "somebody else settled it first");
    },
  });
}
