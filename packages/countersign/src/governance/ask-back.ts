import { askBack as record, untilFirst } from "../action/index.ts";
import type { PersonCaller } from "../identity/index.ts";
import { askedOf, openAsShown, requireShown } from "./answer.ts";
import type { Control } from "./control.ts";

export interface AskBackRequest {
  readonly action: string;
  readonly question: string;
  readonly callDigest: string;
  readonly shownDigest: string;
}

/** Whoever may answer asks the agent first. The action stays held, and who has answered it already is not asked again. */
export async function askBack(control: Control, person: PersonCaller, request: AskBackRequest): Promise<void> {
  const open = await openAsShown(control, person, request);
  askedOf(control, person, open);
  await requireShown(control, person, open, request.shownDigest);
  await untilFirst(() => record(control.parts, { ...request, person: person.email }));
}
