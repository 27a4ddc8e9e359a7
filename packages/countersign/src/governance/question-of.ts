import type { Requirement } from "@countersign/contract";
import type { OpenAction } from "../action/index.ts";
import type { PermissionContext } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** What is asked, as the table of permissions is asked whether somebody may answer it. */
export function questionOf(
  control: Control,
  open: Pick<OpenAction, "agent" | "workflow" | "onBehalfOf" | "vouchedBy" | "standIns">,
  requirement: Extract<Requirement, { kind: "approval" }>,
): PermissionContext {
  const { onBehalfOf, vouchedBy = [], standIns = [] } = open;
  const plane = control.parts.plane.current();
  return contextOf(control, {
    agent: open.agent,
    workflow: open.workflow,
    from: requirement.from,
    exclude: requirement.exclude,
    escalatedTo: standIns.filter((person) => plane.mayStandIn?.(open.workflow, person) === true),
    ...(onBehalfOf === undefined ? issuedBy(vouchedBy) : { requester: { person: onBehalfOf, vouchedBy } }),
  });
}

function issuedBy([person, ...vouchedBy]: readonly string[]): Pick<PermissionContext, "issuer"> {
  return person === undefined ? {} : { issuer: { person, vouchedBy } };
}
