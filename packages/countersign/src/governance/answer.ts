import type { ActionView, Requirement } from "@countersign/contract";
import { advanceHeld, digestOfShown, type OpenAction, type Showing, shownSince } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { type Assertion, handsOf, type PersonCaller, requireMay } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { measure } from "./measure-look.ts";
import { type Met, meetCanary, seededFor } from "./meet-canary.ts";
import { plantCanary } from "./plant-canary.ts";
import { questionOf } from "./question-of.ts";
import { signedBy } from "./signed-by.ts";
import { type Weight, weighAnswer } from "./weigh-answer.ts";

export interface AnswerRequest {
  readonly action: string;
  readonly verdict: "approve" | "deny";
  /** Digest of the call that was shown: an answer to anything else is refused. */
  readonly callDigest: string;
  /** Digest of the document that `showApproval` put before this person. */
  readonly shownDigest: string;
  readonly reason: string;
  /** How long it was looked at, as the client says; it counts no longer than since the server showed it. */
  readonly dwellMs?: number;
  /** The parts of it that were opened or in view, as the client says; none where it does not. */
  readonly opened?: readonly string[];
  /** The policy that asks, where several do. */
  readonly policy?: string;
  /** It is answered with others at once; `opened`: this one was looked at by itself. */
  readonly batch?: { readonly id: string; readonly of: number; readonly opened: boolean };
  /** It is answered in a message that showed all of it. */
  readonly inMessage?: true;
  /** Whoever answers made this call of that other action's. */
  readonly editOf?: string;
  /** A passkey's signature of this approval, as the browser gave it. */
  readonly assertion?: Assertion;
  /** Where browsers reach this server: passkeys are bound to it. Without it no signature is taken. */
  readonly publicUrl?: string;
}

/** What became of an answer; `canary` where the request was seeded, with what there is to see of it. */
export type Answered = Weight & { readonly canary?: Met; readonly view?: ActionView };

/**
 * A person answers a held action. An approval is evidence for one policy's requirement; a denial ends the action. Says what
 * the answer adds: one that does not count is recorded all the same.
 */
export async function answer(control: Control, person: PersonCaller, request: AnswerRequest): Promise<Answered> {
  const seeded = await seededFor(control, person, request.action);
  const open = asShown(seeded?.open ?? (await control.hall.open(request.action)), request);
  if (request.verdict === "deny" && request.reason.trim() === "") {
    throw new Problem("invalid", "a denial needs a reason: it goes back to the agent", { at: "/reason" });
  }
  const called = askedOf(control, person, open, request.policy);
  const { batch, editOf } = request;
  const showing = await requireShown(control, person, open, request.shownDigest, {
    isListed: batch !== undefined || request.inMessage === true,
  });
  const approves = request.verdict === "approve";
  const signed = approves ? await signedBy(control, person, open, request, showing) : undefined;
  const hands = signed?.hands ?? handsOf(person);
  // Whose hands are behind the passkey may not answer either.
  const asked =
    signed === undefined ? called : askedOf(control, { ...person, vouchedBy: hands.vouchedBy }, open, request.policy);
  const requirements = asked.map(({ requirement }) => requirement);
  if (approves && signed === undefined) requirePasskey(requirements, open, request.publicUrl);
  if (approves && seeded === undefined) await requireUnmoved(control, open, request);
  const measured = measure(control, person, open, request, showing.ms);
  const { perHour } = control.parts.plane.current().answering ?? {};
  const proof = signed === undefined ? {} : { passkey: signed.proof, alongside: signed.alongside };
  const how = {
    ...request,
    dwellMs: dwellOf(request, showing.ms),
    measured,
    ...(perHour === undefined ? {} : { perHour }),
    ...proof,
  };
  if (seeded !== undefined) return { ...(await meetCanary(control, person, seeded, how)), isComplete: true };
  const weight: Weight = approves
    ? await weighAnswer(control, open, { ...hands, isSigned: signed !== undefined }, requirements, measured)
    : { isComplete: true };
  await advanceHeld(control.parts, {
    action: request.action,
    person: person.email,
    vouchedBy: hands.vouchedBy,
    groups: person.groups,
    verdict: request.verdict,
    reason: request.reason,
    method: person.method,
    shownDigest: request.shownDigest,
    callDigest: request.callDigest,
    dwellMs: how.dwellMs,
    requirements,
    as: capacitiesIn(asked),
    singlePerson: asked.some(({ singlePerson }) => singlePerson),
    measured,
    ...(perHour === undefined ? {} : { perHour }),
    ...(batch === undefined ? {} : { batch }),
    ...(editOf === undefined ? {} : { editOf }),
    ...proof,
  });
  if (approves) control.hall.nudge(request.action);
  await plantCanary(control, person.email, open).catch((cause: unknown) =>
    control.parts.log.warn({ cause: String(cause) }, "a known-bad request could not be seeded"),
  );
  return weight;
}

/** Fails where one of these takes a passkey: called for an answer that none signed. */
export function requirePasskey(asked: readonly Approval[], { id }: OpenAction, publicUrl = ""): void {
  if (!asked.some(({ passkey }) => passkey === true)) return;
  throw new Problem("forbidden", "this takes your passkey, and the answer is not signed with one", {
    help: `open ${publicUrl}/approvals/${id} in a browser where you are logged in`,
  });
}

/** An approval of what was there before is void: whoever gives it is told so at once, and not only that it is still held. */
export async function requireUnmoved(
  control: Control,
  { id }: OpenAction,
  { publicUrl }: Pick<AnswerRequest, "publicUrl">,
): Promise<void> {
  const moved = await control.hall.lookAgain(id, { isAnswer: true });
  if (moved === undefined) return;
  const what = moved === "target" ? "the target changed since" : "the call is not what it was";
  throw new Problem("conflict", `your approval does not count: ${what}`, {
    help: `look again before you answer${publicUrl === undefined ? "" : `: ${publicUrl}/approvals/${id}`}`,
  });
}

export function dwellOf({ dwellMs }: Pick<AnswerRequest, "dwellMs">, shownMs: number): number | null {
  return dwellMs === undefined ? null : Math.min(dwellMs, Math.ceil(shownMs));
}

/** The held action, where it is still the one that was shown: to ask back, to edit, to grant from. */
export async function openAsShown(
  control: Control,
  person: PersonCaller,
  named: { readonly action: string; readonly callDigest: string },
): Promise<OpenAction> {
  const seeded = await seededFor(control, person, named.action);
  const open = asShown(seeded?.open ?? (await control.hall.open(named.action)), named);
  // A seeded request has no agent behind it, and does not give itself away.
  if (seeded !== undefined)
    throw new Problem("conflict", "its agent cannot be reached now, so nothing was done", {
      help: "approve it or deny it as it is",
    });
  return open;
}

export function asShown(
  open: OpenAction | undefined,
  { action, callDigest }: { readonly action: string; readonly callDigest: string },
): OpenAction {
  if (open === undefined) throw new Problem("not_found", `no action \`${action.slice(0, 60)}\` waits for an answer`);
  if (open.frozenBy !== undefined) throw new Problem("conflict", "it is frozen by a stop; lift the stop first");
  if (open.callDigest !== callDigest) {
    throw new Problem("conflict", "the call is not the one that you were shown: it or its target changed", {
      help: "look at it again before you answer",
    });
  }
  return open;
}

/** What the answer names is what would be shown now, and was put before this person by the server. */
export async function requireShown(
  control: Control,
  person: PersonCaller,
  open: OpenAction,
  digest: string,
  { isListed = false }: { readonly isListed?: boolean } = {},
): Promise<Showing> {
  const look = { help: "look at it again before you answer" };
  if (digestOfShown(open) !== digest) throw new Problem("conflict", "what waits now is not what you were shown", look);
  const showing = await shownSince(control.parts.db, { action: open.id, person: person.email, digest });
  if (showing === undefined) throw new Problem("conflict", "you were not shown this within the last hour", look);
  if (!showing.opened && !isListed)
    throw new Problem("conflict", "you saw this in a list only, and not by itself", {
      help: "open it before you answer",
    });
  return showing;
}

/** In what capacity somebody answers: one answer may meet several questions, each in another one. */
export function capacitiesIn(asked: readonly { readonly as: string }[]): string {
  return [...new Set(asked.map(({ as }) => as))].join(" and ");
}

type Approval = Extract<Requirement, { kind: "approval" }>;

/** The requirements that this person was asked for and may answer. */
export function askedOf(
  control: Control,
  person: PersonCaller,
  open: OpenAction,
  policy?: string,
): readonly { requirement: Approval; as: string; singlePerson: boolean }[] {
  const approvals = open.requirements.filter(
    (one): one is Approval => one.kind === "approval" && (policy === undefined || one.policy === policy),
  );
  if (approvals.length === 0) throw new Problem("conflict", "nobody's approval is missing for this action");
  const answers = [];
  let refused: Problem | undefined;
  for (const requirement of approvals) {
    try {
      const permission = requireMay(person, "approve", questionOf(control, open, requirement));
      answers.push({ requirement, as: permission.as, singlePerson: permission.singlePerson });
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      refused = thrown;
    }
  }
  if (answers.length === 0) {
    throw new Problem("forbidden", refused?.detail ?? "nobody asked you", {
      help: "an approval of yours would not count, so none was recorded: another person has to answer",
    });
  }
  return answers;
}
