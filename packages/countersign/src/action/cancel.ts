import type { ActionView } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import { untilFirst } from "./advance-held.ts";
import { loadFor } from "./get.ts";
import type { Parts } from "./parts.ts";
import { passCancel } from "./pass-cancel.ts";
import { refuse } from "./refuse.ts";
import { trackOf } from "./resume.ts";

/**
 * Refuses what is held; passes a cancellation on to what runs, which settles honestly, but for `unsent`. What moves
 * meanwhile is cancelled as it then stands.
 */
export function cancel(
  parts: Parts,
  caller: Caller | PersonCaller,
  id: string,
  reason: string,
  only?: "unsent",
): Promise<ActionView> {
  return untilFirst(() => cancelled(parts, caller, id, reason, only));
}

const tries = 3;

async function passedOn(parts: Parts, caller: Caller | PersonCaller, id: string, reason: string): Promise<ActionView> {
  for (let tried = 1; ; tried++) {
    const isPassed = await passCancel(parts, id, reason);
    const { view } = await loadFor(parts, caller, id);
    if (isPassed || view.state !== "running") return view;
    if (tried === tries)
      throw new Problem(
        "unavailable",
        "the server that runs this action did not take the cancellation, so it runs on",
        {
          help: "try again; it ends at its deadline at the latest",
        },
      );
  }
}

async function cancelled(
  parts: Parts,
  caller: Caller | PersonCaller,
  id: string,
  reason: string,
  only?: "unsent",
): Promise<ActionView> {
  const { view } = await loadFor(parts, caller, id);
  if (view.state === "running" && only === "unsent") return view;
  if (view.state === "running") return passedOn(parts, caller, id, reason);
  if (view.state !== "held" && view.state !== "ready") {
    throw new Problem("conflict", `this action is ${view.state}; there is nothing left to cancel`, {
      help: "a done action can be reversed",
    });
  }
  const track = trackOf(parts.plane.current(), await readSubject(parts.db, id, parts.wrap));
  if (track === undefined) throw new Problem("unavailable", "the record of this action cannot be opened");
  if (track.state !== view.state)
    throw new Problem("conflict", "somebody else moved this first", { cause: track.state });
  const who = caller.kind === "agent" ? caller.agent : caller.email;
  await refuse(
    parts,
    track,
    undefined,
    "cancelled",
    `cancelled by ${who}: ${reason}`,
    caller.kind === "person" ? { person: caller.email } : {},
  );
  return (await loadFor(parts, caller, id)).view;
}
