import type { Submitted } from "../action/index.ts";
import { type Caller, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** Reverses an action: its own agent, or a person who may. The undo is decided like any other action. */
export async function reverseAction(
  control: Control,
  caller: Caller | PersonCaller,
  action: string,
  reason: string,
): Promise<Submitted> {
  if (caller.kind === "person") {
    const { workflow } = await control.hall.get(caller, action);
    requireMay(caller, "reverse", contextOf(control, { workflow }));
  }
  return control.hall.reverse(caller, action, reason);
}
