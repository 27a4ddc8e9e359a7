import { approvalChallenge, type Reach, type Requirement } from "@countersign/contract";
import type { Missing } from "../action/approvals.ts";
import {
  digestOfShown,
  type Effect,
  effectOf,
  noteShown,
  type OpenAction,
  voidNow,
  withoutReason,
} from "../action/index.ts";
import { type Part, partsOf } from "../approvals/index.ts";
import { freshBytes } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { listPasskeys, may, type PersonCaller } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { mayBreakGlass, whoseMissing } from "./may-break.ts";
import { seededFor } from "./meet-canary.ts";
import { questionOf } from "./question-of.ts";
import { type Undo, undoOf } from "./undo-of.ts";
import { type Why, whyAsked } from "./why-asked.ts";

/** A held action as one person sees it. */
export type ShownApproval = OpenAction & {
  /** They may answer it. */
  readonly yours: boolean;
  /** They approved it, and that no longer counts: why. */
  readonly voided?: string;
  /** Of the document that they are shown; absent where they may not see the call. */
  readonly shownDigest?: string;
  /** Follows from the state before, the arguments and the plan; absent where they may not see the call. */
  readonly effect?: Effect;
  /** What there is to look at; absent where they may not see the call. */
  readonly parts?: readonly Part[];
  readonly reach: { readonly counts: Reach; readonly sentence: string };
  readonly undo: Undo;
  readonly why: Why;
  readonly passkey: ApprovalPasskey;
  /** They may answer it alone, in place of all that are missing. */
  readonly breakGlass?: GlassOffer;
};

/** What somebody may do alone, and what it asks of their passkey. */
export interface GlassOffer {
  readonly as: string;
  readonly missing: readonly Missing[];
  readonly withinMs: number;
  readonly reviewMs: number;
  readonly passkey: ApprovalPasskey;
}

/** What an approval asks of this person's passkey. */
export interface ApprovalPasskey {
  readonly required: boolean;
  readonly rpId?: string;
  /** What a passkey signs to approve what is shown now; absent where it is not this person's to answer. */
  readonly challenge?: string;
  readonly allowCredentials: readonly {
    readonly type: "public-key";
    readonly id: string;
    readonly transports: readonly string[];
  }[];
}

/** Shows a held action: its call only to whom it asks, or who sees what is private. What was put before whom is noted. */
export async function showApproval(
  control: Control,
  person: PersonCaller,
  id: string,
  publicUrl?: string,
): Promise<ShownApproval> {
  const open = (await seededFor(control, person, id))?.open ?? (await openNow(control, person, id));
  if (open?.state !== "held") throw new Problem("not_found", `no action \`${id.slice(0, 60)}\` waits for an answer`);
  const yours = mayAnswer(control, person, open);
  const context = contextOf(control, { workflow: open.workflow });
  const [of, [voided]] = await Promise.all([
    toldOf(control, open),
    voidNow(control.parts, control.parts.db, [open.id], person.email),
  ]);
  const told = { yours, ...(voided === undefined ? {} : { voided: voided.sentence }), ...of };
  const alone = mayBreakGlass(control, person, open);
  if (yours || alone.allowed || may(person, "read-private", context).allowed) {
    const shownDigest = digestOfShown(open);
    const effect = effectOf(open);
    const shown = { ...open, ...told, shownDigest, effect, parts: partsOf(open, effect) };
    if (!yours && !alone.allowed) return { ...shown, passkey: nobodys(open) };
    const { passkey, glass } = await passkeyOf(control, person, open, shownDigest, publicUrl);
    if (!alone.allowed) return { ...shown, passkey };
    const { as, glass: rule } = alone;
    const missing = await whoseMissing(control, open);
    if (missing.length === 0) return { ...shown, passkey: yours ? passkey : nobodys(open) };
    const offer = { as, missing, withinMs: rule.withinMs, reviewMs: rule.reviewMs, passkey: glass };
    return { ...shown, passkey: yours ? passkey : nobodys(open), breakGlass: offer };
  }
  const {
    args: _args,
    beyond: _beyond,
    before: _before,
    plan: _plan,
    claim: _claim,
    flow: _flow,
    questions: _said,
    undoes,
    ...rest
  } = open;
  const undo = undoes === undefined ? {} : { undoes: withoutReason(undoes) };
  return { ...rest, ...undo, ...told, passkey: nobodys(open) };
}

/** What waits, of a target that was read again: an approval of what was there before would be void. */
async function openNow(control: Control, person: PersonCaller, id: string): Promise<OpenAction | undefined> {
  const open = await control.hall.open(id);
  if (open?.state !== "held" || open.frozenBy !== undefined) return open;
  if (!mayAnswer(control, person, open) && !mayBreakGlass(control, person, open).allowed) return open;
  return (await control.hall.lookAgain(id)) === undefined ? open : control.hall.open(id);
}

/** The number of a showing, which a signature is bound to. */
export function freshNonce(): string {
  return freshBytes(16).toString("base64url");
}

export function nobodys(open: OpenAction): ApprovalPasskey {
  return { required: open.requirements.some(isSigned), allowCredentials: [] };
}

function isSigned(requirement: Requirement): boolean {
  return requirement.kind === "approval" && requirement.passkey === true;
}

async function passkeyOf(
  control: Control,
  person: PersonCaller,
  open: OpenAction,
  digest: string,
  publicUrl: string | undefined,
): Promise<{ readonly passkey: ApprovalPasskey; readonly glass: ApprovalPasskey }> {
  const { db } = control.parts;
  const { id: action, callDigest } = open;
  const nonce = await noteShown(db, { action, person: person.email, digest, opened: true }, freshNonce());
  const mine = open.requirements.filter(
    (one) => one.kind === "approval" && may(person, "approve", questionOf(control, open, one)).allowed,
  );
  const bound = { action, callDigest, shownDigest: digest, person: person.email, nonce };
  const of = {
    ...(publicUrl === undefined ? {} : { rpId: new URL(publicUrl).hostname }),
    allowCredentials: (await listPasskeys(db, person.email)).map(({ credential, transports }) => ({
      type: "public-key" as const,
      id: credential,
      transports,
    })),
  };
  const [one, alone] = await Promise.all([
    approvalChallenge(bound),
    approvalChallenge({ ...bound, verdict: "break-glass" }),
  ]);
  return {
    passkey: { required: mine.some(isSigned), ...of, challenge: one },
    glass: { required: open.requirements.some(isSigned), ...of, challenge: alone },
  };
}

/** What everybody who looks is told of it besides what it is. */
export async function toldOf(
  control: Control,
  open: OpenAction,
): Promise<Pick<ShownApproval, "undo" | "why" | "reach">> {
  const [undo, why] = await Promise.all([undoOf(control, open), whyAsked(control, open)]);
  return { undo, why, reach: open.reach ?? { counts: {}, sentence: "nobody knows how much" } };
}

/** Whether any of its questions is this person's to answer. */
export function mayAnswer(control: Control, person: PersonCaller, open: OpenAction): boolean {
  return open.requirements.some(
    (requirement) =>
      requirement.kind === "approval" && may(person, "approve", questionOf(control, open, requirement)).allowed,
  );
}
