import { Problem } from "../floor/problem.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { requireOpen } from "./read-proposal.ts";
import { endProposal } from "./sql.ts";

/** Whoever proposed it takes it back, or somebody who could sign it turns it down. */
export async function withdrawProposal(
  control: Control,
  person: PersonCaller,
  id: string,
  reason: string,
): Promise<string> {
  const { by, digest } = await requireOpen(control, id);
  if (reason.trim() === "") throw new Problem("invalid", "say why, for whoever proposed it", { at: "/reason" });
  const permission = may(person, "sign-proposal", contextOf(control, {}));
  if (by !== person.email && !permission.allowed) throw new Problem("forbidden", permission.because);
  return govern(control, {
    kind: "proposed",
    person: person.email,
    payload: { deed: by === person.email ? "withdrawn" : "turned down", proposal: id, digest, by, reason },
    raises: false,
    change: async (tx) => {
      if (!(await endProposal(tx, id, "withdrawn"))) throw new Problem("conflict", "it does not wait any more");
    },
  });
}
