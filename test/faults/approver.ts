import type { Control } from "../../packages/countersign/src/governance/index.ts";
import { answer, showApproval } from "../../packages/countersign/src/governance/index.ts";
import type { Caller, PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { call, type World } from "./world.ts";

/** A held `ask_put` of this marker. */
export async function held(world: World, args: Record<string, string>, caller: Caller = world.caller): Promise<string> {
  const asked = await world.base.hall.submit(caller, call("ask_put", args), { waitMs: 0 });
  if (asked.view.state !== "held") throw new Error(`it is ${asked.view.state}: ${asked.view.sentence}`);
  return asked.view.id;
}

/** What a person is shown of a held action, as far as their answer names it. */
export async function look(control: Control, person: PersonCaller, action: string) {
  const { callDigest, shownDigest = `sha256:${"0".repeat(64)}` } = await showApproval(control, person, action);
  return { callDigest, shownDigest };
}

export async function say(
  control: Control,
  person: PersonCaller,
  action: string,
  verdict: "approve" | "deny" = "approve",
): Promise<Awaited<ReturnType<typeof answer>>> {
  const shown = await look(control, person, action);
  return answer(control, person, { action, verdict, ...shown, reason: "looks right" });
}
