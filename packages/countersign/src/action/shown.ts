import { canonical, type JsonObject, type Shown, shownDocument } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import type { Disclosed, Subject } from "../ledger/read.ts";
import { shownBeyond } from "./beyond.ts";
import { type AskedRecord, type EditRecord, linkOf, questionsOf } from "./questions.ts";
import type { CallRecord } from "./record.ts";
import { recordsOf } from "./stored-record.ts";
import { weighed } from "./weighed.ts";

type Answering = {
  readonly answer?: { readonly shownDigest: string };
  readonly asked?: AskedRecord;
  readonly edit?: EditRecord;
};

/** The document of an open action and its digest. */
export function digestOfShown(open: Shown): string {
  return digestText(canonical(shownDocument(open)));
}

/** How much there is to read, in characters. */
export function sizeOfShown(open: Shown): number {
  return canonical(shownDocument(open)).length;
}

/**
 * What each answer to an action was given to, made again from the entries before it. A document is told only where its
 * digest is the one that the answer names: then it is, to the byte, what the server showed.
 */
export function shownBefore(
  subject: Subject,
): readonly { readonly shownDigest: string; readonly document: JsonObject }[] {
  const found = new Map<string, JsonObject>();
  for (const [at, { payload }] of subject.entries.entries()) {
    const { answer, asked, edit } = (payload ?? {}) as Answering;
    const digest = (answer ?? asked ?? edit)?.shownDigest;
    const open = digest === undefined ? undefined : openThen(subject, subject.entries.slice(0, at));
    if (digest === undefined || open === undefined) continue;
    // Before version 2 less was in it.
    const document = [shownDocument(open), shownDocument(open, 1)].find((one) => digestText(canonical(one)) === digest);
    if (document !== undefined) found.set(digest, document);
  }
  return [...found].map(([shownDigest, document]) => ({ shownDigest, document }));
}

/** What people said to it so far: what they asked back, with its replies, of which call they made it, or what it undoes. */
export function saidOf(
  entries: readonly Disclosed[],
  call: Pick<CallRecord, "edit" | "undoes"> | undefined,
): Pick<Shown, "questions" | "editOf" | "undoes"> {
  const questions = questionsOf(entries);
  return {
    ...(questions.length === 0 ? {} : { questions }),
    ...(call?.edit === undefined ? {} : { editOf: linkOf(call.edit) }),
    ...(call?.undoes === undefined ? {} : { undoes: call.undoes }),
  };
}

/** The action as it waited after these entries. */
function openThen(subject: Subject, entries: readonly Disclosed[]): Shown | undefined {
  const records = recordsOf({ entries });
  const first = entries[0]?.entry;
  const call = records[0]?.call;
  const held = records.findLast((record) => record?.decision !== undefined);
  if (first === undefined || call === undefined || held?.input === undefined || held.decision === undefined)
    return undefined;
  const beyond = shownBeyond(call);
  return {
    id: subject.subject,
    agent: first.agent ?? "",
    workflow: first.workflow ?? "",
    run: first.run ?? "",
    server: call.server,
    tool: call.tool,
    verb: held.input.action.verb,
    target: held.input.resource.target,
    environment: held.input.resource.environment.name,
    // At first it is decided before the target's state is read, and the call as it then is stands beside it.
    callDigest: held.call?.callDigest ?? held.input.callDigest,
    requirements: held.decision.requirements,
    args: call.args,
    ...(beyond === undefined ? {} : { beyond }),
    ...(call.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    ...(call.claim === undefined ? {} : { claim: call.claim }),
    ...(held.before === undefined ? {} : { before: held.before }),
    ...(held.plan === undefined ? {} : { plan: held.plan }),
    ...weighed(held),
    ...saidOf(entries, call),
  };
}
