import { openAlert } from "../action/alert-sql.ts";
import { missingWords } from "../action/approvals.ts";
import { advanceHeld, type OpenAction } from "../action/index.ts";
import { insertGlass } from "../approvals/glass-sql.ts";
import { iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type Assertion, handsOf, type PersonCaller } from "../identity/index.ts";
import { type Answered, askedOf, asShown, dwellOf, requirePasskey, requireShown, requireUnmoved } from "./answer.ts";
import type { Control } from "./control.ts";
import { mayBreakGlass, whoseMissing } from "./may-break.ts";
import { measure } from "./measure-look.ts";
import { meetCanary, seededFor } from "./meet-canary.ts";
import { mayAnswer } from "./show-approval.ts";
import { signedBy } from "./signed-by.ts";
import { weighAnswer } from "./weigh-answer.ts";

export interface BreakRequest {
  readonly action: string;
  readonly callDigest: string;
  readonly shownDigest: string;
  readonly reason: string;
  readonly dwellMs?: number;
  /** Parts of it that were opened, as of an answer. */
  readonly opened?: readonly string[];
  /** A passkey's signature that says that the glass is broken: one of an approval among others is none. */
  readonly assertion?: Assertion;
  readonly publicUrl?: string;
}

/**
 * One person answers a held action alone, in place of all whose answers are missing: this very call, once, for a short
 * time. Everything that an approval of it takes, this takes too. An alert is open from this moment until somebody else has
 * reviewed it.
 */
export async function breakGlass(
  control: Control,
  person: PersonCaller,
  request: BreakRequest,
): Promise<Pick<Answered, "canary" | "view"> & { readonly glass?: string }> {
  const seeded = await seededFor(control, person, request.action);
  const open = asShown(seeded?.open ?? (await control.hall.open(request.action)), request);
  requireBreak(control, person, open);
  const showing = await requireShown(control, person, open, request.shownDigest);
  const signed = await signedBy(control, person, open, { ...request, breaksGlass: true }, showing);
  const hands = signed?.hands ?? handsOf(person);
  // Whose hands are behind the passkey may not do it either.
  const { as, asked, glass } = requireBreak(control, { ...person, vouchedBy: hands.vouchedBy }, open);
  if (signed === undefined) requirePasskey(asked, open, request.publicUrl);
  const measured = measure(control, person, open, { ...request, verdict: "approve" }, showing.ms);
  if (measured.skimmed)
    throw new Problem(
      "conflict",
      `you looked at this ${measured.unopened ? "without opening most of it" : "for too short a time"} to break the glass over it`,
      {
        help: "look at it again, then answer",
      },
    );
  const isSigned = signed !== undefined;
  await requireNeed(control, person, open, { ...hands, isSigned });
  const dwellMs = dwellOf(request, showing.ms);
  const { perHour } = control.parts.plane.current().answering ?? {};
  const room = perHour === undefined ? {} : { perHour };
  const proof = signed === undefined ? {} : { passkey: signed.proof };
  // What was seeded is met as if it were approved: nothing runs, and whoever broke the glass over it hears so.
  if (seeded !== undefined) {
    const { reason, shownDigest } = request;
    const alongside = signed === undefined ? {} : { alongside: signed.alongside };
    const how = { verdict: "approve", reason, shownDigest, dwellMs, measured } as const;
    return meetCanary(control, person, seeded, { ...how, ...room, ...proof, ...alongside });
  }
  await requireUnmoved(control, open, request);
  const missing = await whoseMissing(control, open);
  if (missing.length === 0) throw new Problem("conflict", "nobody's approval is missing for this action any more");
  const nowMs = control.parts.ledger.now();
  const id = newId("gls", control.parts.clock.now());
  const broken = { id, until: iso(nowMs + glass.withinMs), reviewBy: iso(nowMs + glass.reviewMs), missing };
  const tool = `${open.server}.${open.tool}`;
  const { agent, workflow } = open;
  const sentence = `${person.email} answered ${open.id} alone ${as}: ${tool} by ${agent} in ${workflow}, in place of ${missingWords(missing)}; somebody else has to review it by ${broken.reviewBy}`;
  await advanceHeld(control.parts, {
    action: open.id,
    person: person.email,
    vouchedBy: hands.vouchedBy,
    groups: person.groups,
    verdict: "approve",
    reason: request.reason,
    method: person.method,
    shownDigest: request.shownDigest,
    callDigest: request.callDigest,
    dwellMs,
    requirements: asked,
    as,
    singlePerson: false,
    measured,
    breakGlass: broken,
    ...room,
    ...proof,
    // INVARIANT: in the transaction of the answer, so that the glass is never broken in silence.
    alongside: async (tx) => {
      await signed?.alongside(tx);
      const { vouchedBy } = hands;
      const of = { action: open.id, person: person.email, vouchedBy, capacity: as, workflow, agent, tool };
      await insertGlass(tx, { ...of, ...broken });
      await openAlert(tx, newId("gov", control.parts.clock.now()), "break-glass", id, sentence.slice(0, 2000));
    },
  });
  control.parts.log.warn({ action: open.id, person: person.email, glass: id }, "somebody broke the glass");
  control.hall.nudge(open.id);
  return { glass: id };
}

function requireBreak(control: Control, person: PersonCaller, open: OpenAction) {
  const permission = mayBreakGlass(control, person, open);
  if (permission.allowed) return permission;
  const { because, help = "nothing was recorded: those who were asked have to answer" } = permission;
  throw new Problem("forbidden", because, { help });
}

/** Whose plain approval would be enough has no glass to break. */
async function requireNeed(
  control: Control,
  person: PersonCaller,
  open: OpenAction,
  hands: Parameters<typeof weighAnswer>[2],
): Promise<void> {
  if (!mayAnswer(control, person, open)) return;
  const answered = askedOf(control, person, open).map(({ requirement }) => requirement);
  const plain = await weighAnswer(control, open, hands, answered, { skimmed: false, unopened: false, mends: false });
  if (!plain.isComplete || plain.notCounted !== undefined) return;
  throw new Problem("conflict", "your approval is all that is missing, so there is no glass to break", {
    help: "approve it",
  });
}
