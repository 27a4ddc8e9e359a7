import { Problem } from "../floor/problem.ts";
import { handsOf, may, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { isOnlyFile } from "./delegated.ts";
import type { LoadSources } from "./load-plane.ts";
import { type Planned, planWorkspace } from "./plan-workspace.ts";
import { putInForce } from "./put-in-force.ts";
import { requireOpen, signingContext } from "./read-proposal.ts";

/** The second person puts in force what another proposed: the digest that they looked at, under what it was planned against. */
export async function signProposal(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  id: string,
  digest: string,
): Promise<Planned & { readonly entry: string }> {
  const proposal = await requireOpen(control, id);
  const { by, vouchedBy, before, files } = proposal;
  const { workspace } = control.keeper.loaded();
  const first = { person: by, vouchedBy };
  const context = signingContext(control, proposal);
  const permission = requireMay(person, "sign-proposal", context);
  // A proposal was made because there was a second person: nobody signs their own, whatever is stated since.
  if (permission.singlePerson) throw new Problem("forbidden", "the one who proposed cannot be the second to sign");
  if (proposal.digest !== digest) {
    throw new Problem("conflict", "this is not the digest that waits for a signature", { help: "look at it again" });
  }
  const planned = await planWorkspace(control, sources, files);
  if (planned.plan.from !== before) {
    throw new Problem("conflict", "the workspace in force is not the one that this was planned against");
  }
  const isOwn = !may(person, "sign-proposal", contextOf(control, { first })).allowed;
  if (isOwn && !isOnlyFile(context.workflow ?? "", workspace, planned.workspace))
    throw new Problem("forbidden", "it changes more than your workflow", { help: "an operator or admin signs it" });
  if (planned.workspace.digest !== digest) throw new Error("files that were kept have another digest");
  const hands = handsOf(person);
  const entry = await putInForce(control, planned, files, {
    by,
    signedBy: person.email,
    single: false,
    vouchedBy: [...new Set([...vouchedBy, ...hands.vouchedBy])].sort(),
    asker: vouchedBy,
    proposal: id,
  });
  return { ...planned, entry };
}
