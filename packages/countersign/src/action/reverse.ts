import type { ReversalPlan, UndoLink } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import type { Call } from "./call.ts";
import { loadFor } from "./get.ts";
import type { Submitted } from "./hall.ts";
import type { Parts } from "./parts.ts";
import { trackOf } from "./resume.ts";
import { recordsOf } from "./stored-record.ts";
import type { Submission, SubmitOptions } from "./submission.ts";
import { submit } from "./submit.ts";
import { wayBack } from "./way-back.ts";

/**
 * Undoes a done action by the plan captured before it ran. The undo is an action of its own: decided, approved,
 * receipted. `as`: the id that it takes, for whoever has to find it again whatever happens meanwhile.
 */
export async function reverse(
  parts: Parts,
  caller: Caller | PersonCaller,
  id: string,
  reason: string,
  as?: string,
  within?: SubmitOptions["within"],
): Promise<Submitted> {
  const { view } = await loadFor(parts, caller, id);
  if (view.state !== "done")
    throw new Problem("conflict", `this action is ${view.state}; only a done action can be reversed`);
  const undo = await undoCallOf(parts, caller, id, reason);
  const options = { waitMs: 0, ...(as === undefined ? {} : { as }), ...(within === undefined ? {} : { within }) };
  return submit(parts, undo.caller, undo.submission, options, undo.undoes);
}

export interface UndoCall {
  readonly caller: Caller;
  readonly submission: Submission;
  readonly undoes: UndoLink;
  readonly plan: Extract<ReversalPlan, { kind: "inverse" }>;
}

/** The call that would undo a done action; fails where there is none. */
export async function undoCallOf(
  parts: Parts,
  caller: Caller | PersonCaller,
  id: string,
  reason: string,
): Promise<UndoCall> {
  const plane = parts.plane.current();
  const subject = await readSubject(parts.db, id, parts.wrap);
  const way = wayBack(plane, recordsOf(subject));
  if ("why" in way) throw new Problem("conflict", way.why, way.help === undefined ? {} : { help: way.help });
  const original: Call | undefined = trackOf(plane, subject)?.call;
  if (original === undefined) throw new Problem("conflict", "its record cannot be opened any more");
  const { plan } = way;
  const { args } = plan;
  const asked = caller.kind === "agent" ? caller : { ...original.caller, ...askedFor(caller) };
  return {
    caller: asked,
    submission: {
      server: original.submission.server,
      tool: plan.tool,
      method: "tools/call",
      params: { name: plan.tool, arguments: args },
      args,
      door: original.submission.door,
      run: original.run.id,
      // What a person says is theirs, and no claim of the agent whose deed it was.
      ...(caller.kind === "agent" ? { claim: reason } : {}),
    },
    undoes: caller.kind === "agent" ? { action: id } : { action: id, by: caller.email, reason },
    plan,
  };
}

/** Whoever asks now, and none of whom the undone action was asked for. */
function askedFor(person: PersonCaller): Pick<Caller, "onBehalfOf" | "vouchedBy" | "credential"> {
  const { email, vouchedBy = [], credential } = person;
  return { onBehalfOf: email, vouchedBy, credential };
}
