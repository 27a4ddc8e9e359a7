import type { ActionView, EditLink, JsonObject, Question, UndoLink } from "@countersign/contract";
import type { Disclosed } from "../ledger/read.ts";

/** What the entry of a question says, and that of its reply. */
export interface AskedRecord {
  readonly number: number;
  readonly by: string;
  readonly question: string;
  /** What whoever asks was shown. */
  readonly shownDigest: string;
}
export interface RepliedRecord {
  readonly number: number;
  readonly reply: string;
}

/** A person made the call that this records of another action's. */
export interface EditRecord extends EditLink {
  /** What they were shown of that other action. */
  readonly shownDigest: string;
}

type Payload = { readonly asked?: AskedRecord; readonly replied?: RepliedRecord; readonly edit?: EditRecord } | null;

/** How many questions an action can be asked back. */
export const mostQuestions = 10;

/** What was asked back about an action, with its agent's replies. */
export function questionsOf(entries: readonly Pick<Disclosed, "entry" | "payload">[]): readonly Question[] {
  const found = new Map<number, Question>();
  for (const { entry, payload } of entries) {
    const { asked, replied } = (payload ?? {}) as NonNullable<Payload>;
    if (asked !== undefined) {
      const { number, by, question } = asked;
      found.set(number, { number, by, at: entry.at, question });
    }
    const open = replied === undefined ? undefined : found.get(replied.number);
    if (open !== undefined && replied !== undefined)
      found.set(open.number, { ...open, reply: replied.reply, repliedAt: entry.at });
  }
  return [...found.values()];
}

export function unanswered(questions: readonly Question[] | undefined): readonly Question[] {
  return (questions ?? []).filter(({ reply }) => reply === undefined);
}

/** Whether something was asked back since this was seen: then whoever waits for the action is told. */
export function isAskedSince(before: ActionView | undefined, now: ActionView): boolean {
  return now.state === "held" && (now.questions?.length ?? 0) > (before?.questions?.length ?? 0);
}

/** What its agent is told of the questions that it has not answered, to go on a sentence. */
export function askedSentence(questions: readonly Question[]): string {
  return unanswered(questions)
    .map(({ number, by, question }) => `. ${by} asks back (question ${number}): ${question}`)
    .join("");
}

/** The link to the other action of an edit, as the view of each has it. */
export function editLinks(
  entries: readonly Pick<Disclosed, "payload">[],
  call: { readonly edit?: EditRecord; readonly args?: JsonObject } | undefined,
): Pick<ActionView, "editedTo" | "editOf"> {
  const last = entries.at(-1)?.payload as Payload | undefined;
  return {
    ...(last?.edit === undefined ? {} : { editedTo: linkOf(last.edit) }),
    ...(call?.edit === undefined
      ? {}
      : { editOf: { ...linkOf(call.edit), ...(call.args === undefined ? {} : { arguments: call.args }) } }),
  };
}

/** What people and its agent said about an action while it was held, for its receipt. */
export interface SaidTo {
  readonly questions?: readonly Question[];
  readonly editedTo?: EditLink;
  readonly editOf?: EditLink;
  readonly undoes?: UndoLink;
}

export function saidTo(
  entries: readonly Pick<Disclosed, "entry" | "payload">[],
  call: { readonly edit?: EditRecord; readonly undoes?: UndoLink } | undefined,
): SaidTo {
  const questions = questionsOf(entries);
  return {
    ...(questions.length === 0 ? {} : { questions }),
    ...editLinks(entries, undefined),
    ...(call?.edit === undefined ? {} : { editOf: linkOf(call.edit) }),
    ...(call?.undoes === undefined ? {} : { undoes: call.undoes }),
  };
}

/** What is said stands only where it is sealed, and is told only to who may see the call. */
export function withoutReason({ reason: _, ...link }: UndoLink): Omit<UndoLink, "reason"> {
  return link;
}

export function linkOf({ action, by, reason }: EditLink): EditLink {
  return { action, by, reason };
}
