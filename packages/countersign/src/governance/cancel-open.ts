import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";

/** Refuses held actions one by one; one that moved meanwhile is left as it is. Returns those that were refused. */
export async function cancelOpen(
  control: Control,
  person: PersonCaller,
  actions: readonly string[],
  reason: string,
): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const action of actions) {
    try {
      await control.hall.cancel(person, action, reason);
      refused.push(action);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      control.parts.log.warn({ action, code: thrown.code }, "a held action could not be voided");
    }
  }
  return refused;
}
