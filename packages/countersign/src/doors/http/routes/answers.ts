import type { ActionView } from "@countersign/contract";
import { type Control, contextOf } from "../../../governance/index.ts";
import { type Caller, may, type PersonCaller } from "../../../identity/index.ts";
import type { Answer } from "../route.ts";

/** What an action answered, what a person made of its arguments and what its agent says is private: of people only those see it who may. */
export function viewFor(control: Control, who: Caller | PersonCaller, view: ActionView): ActionView {
  if (who.kind === "agent" || may(who, "read-private", contextOf(control, { workflow: view.workflow })).allowed)
    return view;
  const { result: _result, editOf, questions, ...rest } = view;
  return {
    ...rest,
    ...(editOf === undefined ? {} : { editOf: withoutArguments(editOf) }),
    ...(questions === undefined ? {} : { questions: questions.map(({ reply: _reply, ...asked }) => asked) }),
  };
}

function withoutArguments({ arguments: _arguments, ...link }: NonNullable<ActionView["editOf"]>) {
  return link;
}

export function ok(json: unknown): Answer {
  return { status: 200, json };
}

export function created(json: unknown): Answer {
  return { status: 201, json };
}

export function receiptOf(entry: string): { readonly receipt: string } {
  return { receipt: `/v1/receipts/${entry}` };
}

export function firstLine(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

/** A page of ours with its policy. */
export function htmlAnswer({ text, policy }: { readonly text: string; readonly policy: string }, status = 200): Answer {
  return { status, text, type: "text/html; charset=utf-8", headers: { "content-security-policy": policy } };
}
