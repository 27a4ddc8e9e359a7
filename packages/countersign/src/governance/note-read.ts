import { Problem } from "../floor/problem.ts";
import { type Caller, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Lets somebody read a receipt and writes down that they did: who read which receipt is itself in the ledger. */
export async function noteRead(
  control: Control,
  caller: Caller | PersonCaller,
  action: string,
  how: string,
): Promise<void> {
  const view = await control.hall.get(caller, action);
  if (caller.kind === "agent") return;
  requireMay(caller, "read-receipt", contextOf(control, { workflow: view.workflow }));
  if (how.length > 60) throw new Problem("invalid", "say in a few words how it is read");
  await govern(control, {
    kind: "read",
    person: caller.email,
    workflow: view.workflow,
    payload: { receipt: action, how, method: caller.method },
    raises: false,
  });
}
