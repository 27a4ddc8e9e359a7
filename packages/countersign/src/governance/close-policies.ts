import { openAlert } from "../action/alert-sql.ts";
import { newId } from "../floor/id.ts";
import type { Slice } from "../policy/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/**
 * Closes the policy set in force, on every replica: two engines say different things of one request. A person opens it
 * again by settling the alert. Where the policies in question are not in force any more, nothing has to be closed.
 */
export async function closePolicies(
  control: Control,
  slice: Pick<Slice, "policies">,
  differing: readonly string[],
): Promise<void> {
  const { digest, policies } = control.keeper.loaded().policies;
  const texts = new Set(policies.map((policy) => policy.digest));
  const doubted = slice.policies.filter(({ id }) => differing.includes(id));
  if (doubted.length > 0 && !doubted.some((policy) => texts.has(policy.digest))) return;
  const named = differing.map((policy) => `\`${policy}\``).join(", ");
  const sentence = `two engines disagree about ${named}: the policy set is closed and everything is denied`;
  await govern(control, {
    kind: "alert",
    person: "countersign",
    payload: { deed: "opened", subject: digest, policies: differing, sentence },
    change: (tx) => openAlert(tx, newId("gov", control.parts.clock.now()), "policy", digest, sentence),
  });
}
