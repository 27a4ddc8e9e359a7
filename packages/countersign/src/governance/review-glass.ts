import { settleAlert } from "../action/alert-sql.ts";
import { type GlassRow, glassRow, reviewGlassRow } from "../approvals/glass-sql.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Says of broken glass what somebody else found who looked at it. With it the alert is put away; nothing else puts it away. */
export async function reviewGlass(control: Control, person: PersonCaller, id: string, found: string): Promise<string> {
  const row = await glassRow(control.parts.db, id);
  if (row === undefined) throw new Problem("not_found", `no glass \`${id.slice(0, 60)}\` was broken here`);
  const { as } = requireMay(person, "review-glass", reviewContext(control, row));
  const over = new Problem("conflict", "somebody else reviewed it before");
  if (row.reviewed_at !== null) throw over;
  const review = newId("gov", control.parts.clock.now());
  const { action, agent, tool, workflow } = row;
  return govern(control, {
    kind: "alert",
    id: review,
    person: person.email,
    workflow,
    agent,
    tool,
    payload: {
      deed: "reviewed-glass",
      glass: id,
      action,
      broke: row.person,
      by: person.email,
      vouchedBy: handsOf(person).vouchedBy,
      as,
      overdue: row.is_overdue,
      found,
    },
    raises: false,
    change: async (tx) => {
      if (!(await reviewGlassRow(tx, { id, by: person.email, review }))) throw over;
      await settleAlert(tx, "break-glass", id);
      await settleAlert(tx, "glass-overdue", id);
    },
  });
}

/** Whoever broke it, and whoever may be behind their login, does not review it: also not in an organisation of one. */
export function reviewContext(control: Control, { person, vouched_by: vouchedBy, workflow }: GlassRow) {
  return { ...contextOf(control, { workflow, first: { person, vouchedBy } }), singlePerson: false };
}
