import type { ActionView } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import type { Track } from "./advance.ts";
import { callDigest } from "./call.ts";
import type { Submitted } from "./hall.ts";
import { openRow } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { isMistyped } from "./record.ts";
import type { Settled } from "./settle.ts";
import { recordsOf } from "./stored-record.ts";
import { answerOf, observedSentence, ranSentence, viewOf } from "./view.ts";

export async function loadSubmitted(parts: Parts, id: string): Promise<Submitted> {
  return submittedOf(parts, await readSubject(parts.db, id, parts.wrap));
}

async function submittedOf(parts: Parts, subject: Subject): Promise<Submitted> {
  const id = subject.subject;
  if (subject.entries.length === 0) throw missing(id);
  const last = subject.entries.at(-1)?.entry.to_state;
  const open = last === "held" || last === "ready" ? await openRow(parts.db, id) : undefined;
  const answer = answerOf(subject);
  return { view: viewOf(subject, open), ...(answer === undefined ? {} : { answer }) };
}

/** What this caller may know: an agent its own actions, a person every action (the door asked whether they may read). */
export async function get(parts: Parts, caller: Caller | PersonCaller, id: string): Promise<ActionView> {
  const { view } = await loadFor(parts, caller, id);
  return view;
}

export async function loadFor(parts: Parts, caller: Caller | PersonCaller, id: string): Promise<Submitted> {
  const subject = await readSubject(parts.db, id, parts.wrap);
  const loaded = await submittedOf(parts, subject);
  if (caller.kind === "agent" && !(await isOwn(parts, caller, subject))) throw missing(id);
  return loaded;
}

/**
 * What an agent did for one person is no business of the same agent where it acts for another. An undo is of whom the
 * deed was, whoever asked for the undo.
 */
async function isOwn(parts: Parts, caller: Caller, subject: Subject): Promise<boolean> {
  const first = subject.entries[0];
  const call = recordsOf(subject)[0]?.call;
  if (first?.entry.agent !== caller.agent || first.entry.workflow !== caller.workflow) return false;
  if (call?.onBehalfOf === caller.onBehalfOf) return true;
  return call?.reverses !== undefined && isOwn(parts, caller, await readSubject(parts.db, call.reverses, parts.wrap));
}

function missing(id: string): Problem {
  return new Problem("not_found", `there is no action \`${id.slice(0, 60)}\` here`);
}

/** The answer of an action that this process has just brought to its end: nothing is read back. */
export function submittedNow(track: Track, settled: Settled): Submitted {
  const { call } = track;
  const { record, release } = settled;
  const value = release === undefined ? undefined : "result" in release ? release.result : release.error;
  const state =
    record.kind === "lost" ? "unknown" : record.kind === "never_sent" || record.kind === "stopped" ? "failed" : "done";
  const view: ActionView = {
    id: call.id,
    state,
    agent: call.caller.agent,
    workflow: call.caller.workflow,
    run: call.run.id,
    server: call.submission.server,
    tool: call.submission.tool,
    verb: call.classified.verb,
    target: call.classified.target,
    environment: call.classified.environment.name,
    argsDigest: call.argsDigest,
    callDigest: callDigest(call),
    at: call.at,
    sentence: `${state === "done" ? ranSentence(record) : (record.reason ?? state)}${observedSentence(track.decision)}`,
    ...(track.decision?.observed === undefined ? {} : { observed: track.decision.observed }),
    requirements: [],
    ...(value === undefined
      ? {}
      : { result: value, isError: record.isError === true || record.error !== undefined || isMistyped(record) }),
    receipt: `/v1/receipts/${call.id}`,
    ...(call.reverses === undefined ? {} : { reverses: call.reverses }),
  };
  return { view, ...(release === undefined ? {} : { answer: release }) };
}
