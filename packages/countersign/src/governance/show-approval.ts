import type { Reach, Requirement } from "@countersign/contract";
import { digestOfShown, type Effect, effectOf, noteShown, type OpenAction } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { may, type PermissionContext, type PersonCaller } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { seededFor } from "./meet-canary.ts";
import { type Undo, undoOf } from "./undo-of.ts";
import { type Why, whyAsked } from "./why-asked.ts";

/** A held action as one person sees it. */
export type ShownApproval = OpenAction & {
  /** They may answer it. */
  readonly yours: boolean;
  /** Of the document that they are shown; absent where they may not see the call. */
  readonly shownDigest?: string;
  /** Follows from the state before, the arguments and the plan; absent where they may not see the call. */
  readonly effect?: Effect;
  readonly reach: { readonly counts: Reach; readonly sentence: string };
  readonly undo: Undo;
  readonly why: Why;
};

/** Shows a held action: its call only to whom it asks, or who sees what is private. What was put before whom is noted. */
export async function showApproval(control: Control, person: PersonCaller, id: string): Promise<ShownApproval> {
  const open = (await seededFor(control, person, id))?.open ?? (await control.hall.open(id));
  if (open?.state !== "held") throw new Problem("not_found", `no action \`${id.slice(0, 60)}\` waits for an answer`);
  const yours = mayAnswer(control, person, open);
  const context = contextOf(control, { workflow: open.workflow });
  const [undo, why] = await Promise.all([undoOf(control, open), whyAsked(control, open)]);
  const told = { yours, undo, why, reach: open.reach ?? { counts: {}, sentence: "nobody knows how much" } };
  if (yours || may(person, "read-private", context).allowed) {
    const shownDigest = digestOfShown(open);
    if (yours) await noteShown(control.parts.db, { action: id, person: person.email, digest: shownDigest });
    return { ...open, ...told, shownDigest, effect: effectOf(open) };
  }
  const { args: _args, beyond: _beyond, before: _before, plan: _plan, claim: _claim, flow: _flow, ...rest } = open;
  return { ...rest, ...told };
}

/** Whether any of its questions is this person's to answer. */
export function mayAnswer(control: Control, person: PersonCaller, open: OpenAction): boolean {
  return open.requirements.some(
    (requirement) =>
      requirement.kind === "approval" && may(person, "approve", questionOf(control, open, requirement)).allowed,
  );
}

/** What is asked, as the table of permissions is asked whether somebody may answer it. */
export function questionOf(
  control: Control,
  open: Pick<OpenAction, "agent" | "workflow" | "onBehalfOf" | "vouchedBy">,
  requirement: Extract<Requirement, { kind: "approval" }>,
): PermissionContext {
  const { onBehalfOf, vouchedBy = [] } = open;
  return contextOf(control, {
    agent: open.agent,
    workflow: open.workflow,
    from: requirement.from,
    exclude: requirement.exclude,
    ...(onBehalfOf === undefined ? issuedBy(vouchedBy) : { requester: { person: onBehalfOf, vouchedBy } }),
  });
}

function issuedBy([person, ...vouchedBy]: readonly string[]): Pick<PermissionContext, "issuer"> {
  return person === undefined ? {} : { issuer: { person, vouchedBy } };
}
