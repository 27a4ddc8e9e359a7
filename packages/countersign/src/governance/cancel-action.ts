import type { ActionView } from "@countersign/contract";
import { type Caller, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** Cancels an action: its own agent, or a person who may. */
export async function cancelAction(
  control: Control,
  caller: Caller | PersonCaller,
  action: string,
  reason: string,
): Promise<ActionView> {
  if (caller.kind === "person") {
    const { agent, workflow } = await control.hall.get(caller, action);
    requireMay(caller, "cancel", contextOf(control, { agent, workflow }));
  }
  return control.hall.cancel(caller, action, reason);
}
