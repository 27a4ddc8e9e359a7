import { type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** A person who looked says what became of an action whose answer was lost. */
export async function settleUnknown(
  control: Control,
  person: PersonCaller,
  action: string,
  said: { readonly happened: boolean; readonly evidence: string },
): Promise<void> {
  const { workflow } = await control.hall.get(person, action);
  requireMay(person, "operate-unknown", contextOf(control, { workflow }));
  await control.hall.settleUnknown(person, action, said.happened, said.evidence);
}
