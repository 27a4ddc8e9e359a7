import { endGrant, type GrantRow, grantRow, openGrants } from "../approvals/sql.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Takes a grant back: its own giver, or whoever operates its workflow. No intent that is written after this counts it. */
export async function revokeGrant(control: Control, person: PersonCaller, id: string, reason: string): Promise<void> {
  const row = await grantRow(control.parts.db, id);
  if (row === undefined) throw new Problem("not_found", `there is no grant \`${id.slice(0, 60)}\` here`);
  requireMay(person, "revoke-grant", { ...contextOf(control, { workflow: row.workflow }), about: row.person });
  const over = new Problem("conflict", "it does not stand any more, so there is nothing to take back");
  if (row.ended !== null || row.is_over) throw over;
  await end(control, row, "revoked", person.email, reason, over);
}

/** Ends for good what people gave who could not give it now: they left, or are not asked any more. */
export async function voidGrants(control: Control): Promise<void> {
  const rows = await openGrants(control.parts.db);
  const plane = rows.length === 0 ? undefined : control.keeper.current();
  for (const row of rows) {
    const asked = row.policies.some(({ from }) => plane?.asked(from, row.workflow).includes(row.person));
    if (asked) continue;
    const because = `${row.person} has left, or is not asked for it any more`;
    await end(control, row, "void", "countersign", because);
  }
}

async function end(
  control: Control,
  row: GrantRow,
  ended: "revoked" | "void",
  by: string,
  because: string,
  over?: Problem,
): Promise<void> {
  const { agent, id, tool, workflow } = row;
  try {
    await govern(control, {
      kind: "granted",
      person: by,
      workflow,
      agent,
      tool,
      payload: { deed: ended, grant: id, by, reason: because, used: row.used, uses: row.uses },
      raises: false,
      change: async (tx) => {
        if (!(await endGrant(tx, id, { ended, by, because })))
          throw over ?? new Problem("conflict", "it ended meanwhile");
      },
    });
  } catch (thrown) {
    const isOver = over === undefined && thrown instanceof Problem && thrown.code === "conflict";
    if (!isOver) throw thrown;
  }
}
