import { openAlert } from "../action/sql.ts";
import { newId } from "../floor/id.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Closes the policy set in force, on every replica: two engines say different things of one request. A person opens it again by settling the alert. */
export async function closePolicies(control: Control, policies: readonly string[]): Promise<void> {
  const { digest } = control.keeper.loaded().policies;
  const named = policies.map((policy) => `\`${policy}\``).join(", ");
  const sentence = `two engines disagree about ${named}: the policy set is closed and everything is denied`;
  await govern(control, {
    kind: "alert",
    person: "countersign",
    payload: { deed: "opened", subject: digest, policies, sentence },
    change: (tx) => openAlert(tx, newId("gov", control.parts.clock.now()), "policy", digest, sentence),
  });
}
