import type { JsonObject } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Instead, Track } from "./advance.ts";
import { untilFirst } from "./advance-held.ts";
import { loadSubmitted } from "./get.ts";
import type { Submitted } from "./hall.ts";
import { requireOneCall } from "./one-call.ts";
import { dropOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { requireAsWas } from "./require-as-was.ts";
import { trackOf } from "./resume.ts";
import type { Submission } from "./submission.ts";
import { begin, pass } from "./submit.ts";

export interface Edit {
  readonly action: string;
  readonly person: string;
  readonly as: string;
  readonly arguments: JsonObject;
  readonly reason: string;
  readonly callDigest: string;
  readonly shownDigest: string;
}

/**
 * Makes another call of a held one. It goes the whole way of an action, as if its agent had asked for it now; the held one
 * ends in the write with which the other waits or runs, and stays held where that is refused.
 */
export async function edit(parts: Parts, caller: Caller, edit: Edit): Promise<Submitted> {
  return loadSubmitted(parts, await untilFirst(() => made(parts, caller, edit)));
}

/** Whoever moves the held one meanwhile and leaves it what it was, such as the plane that counts an answer, is in nobody's way. */
async function made(parts: Parts, caller: Caller, edit: Edit): Promise<string> {
  const subject = await readSubject(parts.db, edit.action, parts.wrap);
  const plane = parts.plane.current();
  const first = trackOf(plane, subject);
  if (first?.state !== "held") throw new Problem("conflict", "it no longer waits for an answer");
  const { call } = first;
  const submission = editedSubmission(first, edit.arguments);
  requireOneCall(submission);
  const tool = plane.tool(submission.server, submission.tool);
  if (tool === undefined) throw new Problem("conflict", "its tool is no longer in the catalog");
  const { action, person: by, reason, shownDigest } = edit;
  const next = await begin(parts, plane, caller, submission, tool, { edit: { action, by, reason, shownDigest } });
  if (next.argsDigest === call.argsDigest)
    throw new Problem("invalid", "these are the arguments that it has already", { at: "/arguments" });
  const track: Track = {
    call: next,
    key: new SubjectKey(next.id),
    state: "received",
    step: 0,
    instead: insteadOf(parts, first, subject, edit, next.id),
  };
  await pass(parts, track, plane, {});
  return track.call.id;
}

/** The same call with other arguments. The agent's own key and its words were about the call that it asked for. */
function editedSubmission({ call }: Track, args: JsonObject): Submission {
  const { idempotencyKey: _, ...asked } = call.submission;
  const alone = { help: "deny it with a reason, and let its agent ask again" };
  if (asked.method !== "tools/call") throw new Problem("conflict", "only the call of a tool can be edited", alone);
  if (call.reverses !== undefined)
    throw new Problem("conflict", "an undo is what was captured before its deed, and cannot be edited", alone);
  const { inputResponses, requestState } = asked.params;
  if (inputResponses !== undefined || requestState !== undefined)
    throw new Problem("conflict", "this call answers a question of its server, and cannot be edited", alone);
  return {
    ...asked,
    args,
    params: { ...asked.params, arguments: args },
    run: call.run.id,
    // Who edits a call does not move it to another environment.
    claimedEnvironment: call.classified.environment.name,
  };
}

function insteadOf(parts: Parts, first: Track, subject: Subject, edit: Edit, action: string): Instead {
  const { person: by, reason, shownDigest, as, callDigest } = edit;
  const sentence = `edited by ${by}: ${reason}. The edited call is ${action}`;
  return {
    track: first,
    move: {
      kind: "refused",
      to: "refused",
      person: by,
      payload: { refusal: "edited", sentence, edit: { action, by, as, reason, shownDigest, callDigest } },
    },
    async within(tx) {
      await requireAsWas(parts, tx, edit.action, { callDigest, shown: { digest: shownDigest, subject } });
      await dropOpen(tx, edit.action);
    },
  };
}
