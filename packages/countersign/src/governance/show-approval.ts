import type { Requirement } from "@countersign/contract";
import { digestOfShown, noteShown, type OpenAction } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { may, type PermissionContext, type PersonCaller } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** A held action as one person sees it. */
export type ShownApproval = OpenAction & {
  /** They may answer it. */
  readonly yours: boolean;
  /** Of the document that they are shown; absent where they may not see the call. */
  readonly shownDigest?: string;
};

/** Shows a held action: its call only to whom it asks, or who sees what is private. What was put before whom is noted. */
export async function showApproval(control: Control, person: PersonCaller, id: string): Promise<ShownApproval> {
  const open = await control.hall.open(id);
  if (open?.state !== "held") throw new Problem("not_found", `no action \`${id.slice(0, 60)}\` waits for an answer`);
  const yours = mayAnswer(control, person, open);
  const context = contextOf(control, { workflow: open.workflow });
  if (yours || may(person, "read-private", context).allowed) {
    const shownDigest = digestOfShown(open);
    if (yours)
      await noteShown(control.parts.db, { action: id, person: person.email, digest: shownDigest, opened: true });
    return { ...open, yours, shownDigest };
  }
  const { args: _args, beyond: _beyond, before: _before, plan: _plan, claim: _claim, questions: _said, ...rest } = open;
  return { ...rest, yours };
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
