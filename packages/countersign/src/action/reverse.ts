import type { JsonObject } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import { loadFor } from "./get.ts";
import type { Submitted } from "./hall.ts";
import type { Parts } from "./parts.ts";
import { trackOf } from "./resume.ts";
import { recordsOf } from "./stored-record.ts";
import { submit } from "./submit.ts";

/** Undoes a done action by the plan captured before it ran. The undo is an action of its own: decided, approved, receipted. */
export async function reverse(
  parts: Parts,
  caller: Caller | PersonCaller,
  id: string,
  reason: string,
): Promise<Submitted> {
  const { view } = await loadFor(parts, caller, id);
  if (view.state !== "done")
    throw new Problem("conflict", `this action is ${view.state}; only a done action can be reversed`);
  const subject = await readSubject(parts.db, id, parts.wrap);
  const original = trackOf(parts.plane.current(), subject);
  const { server, tool } = original?.call.submission ?? {};
  if (original === undefined || parts.plane.current().tool(server ?? "", tool ?? "") === undefined)
    throw new Problem("conflict", "its tool is no longer in the catalog, so its undo cannot be decided");
  const plan = recordsOf(subject).findLast((payload) => payload?.plan !== undefined)?.plan;
  if (plan?.kind !== "inverse") {
    throw new Problem("conflict", `this action cannot be reversed: ${plan?.reason ?? "no plan was captured"}`, {
      help: "undo it by hand and note it on the receipt",
    });
  }
  const outcome = recordsOf(subject).findLast((payload) => payload?.kind !== undefined);
  // INVARIANT: where nothing was looked at before, a deed that its server called an error is not undone. A create that
  // failed because the thing was there already would be undone by deleting what somebody else made.
  if (plan.before === null && (outcome?.isError === true || outcome?.error !== undefined)) {
    throw new Problem("conflict", "its server answered with an error, so there may be nothing of it to undo", {
      help: "look at the target, and undo it by hand if it did happen",
    });
  }
  const args: JsonObject = plan.args;
  const asked = caller.kind === "agent" ? caller : { ...original.call.caller, ...askedFor(caller) };
  return submit(
    parts,
    asked,
    {
      server: original.call.submission.server,
      tool: plan.tool,
      method: "tools/call",
      params: { name: plan.tool, arguments: args },
      args,
      door: original.call.submission.door,
      run: original.call.run.id,
      // What a person says is theirs, and no claim of the agent whose deed it was.
      ...(caller.kind === "agent" ? { claim: reason } : {}),
    },
    { waitMs: 0 },
    caller.kind === "agent" ? { action: id } : { action: id, by: caller.email, reason },
  );
}

/** Whoever asks now, and none of whom the undone action was asked for. */
function askedFor(person: PersonCaller): Pick<Caller, "onBehalfOf" | "vouchedBy" | "credential"> {
  const { email, vouchedBy = [], credential } = person;
  return { onBehalfOf: email, vouchedBy, credential };
}
