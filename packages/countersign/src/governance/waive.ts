import type { Tier } from "@countersign/contract";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, may, type PermissionContext, type PersonCaller, requireMay } from "../identity/index.ts";
import { waiverFaults } from "../tiers/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import {
  dropProposal,
  insertWaiver,
  listProposals,
  type Proposal,
  proposeWaiver,
  readProposal,
  revokeWaiver,
} from "./sql.ts";

export interface WaiverRequest {
  readonly agent: string;
  readonly workflow: string;
  readonly tier: Tier;
  readonly days: number;
  readonly reason: string;
}

export interface TierLine extends WaiverRequest {
  readonly id: string;
  readonly by: string;
  readonly yours: boolean;
}

/** First half: somebody asks for a tier above 0. In an organisation of one it is in force at once, and says so. */
export async function proposeTier(
  control: Control,
  person: PersonCaller,
  request: WaiverRequest,
): Promise<{ id: string; inForce: boolean }> {
  const context = contextOf(control, { workflow: request.workflow });
  requireMay(person, "waive", context);
  checkSubject(control, request);
  const id = newId("gov", control.parts.clock.now());
  const faults = faultsOf(request, [person.email, "a second person"], false);
  if (faults !== undefined) throw new Problem("invalid", faults);
  if (context.singlePerson) {
    await sign(control, id, request, [person.email], true, handsOf(person).vouchedBy);
    return { id, inForce: true };
  }
  await govern(control, {
    kind: "waived",
    person: person.email,
    workflow: request.workflow,
    agent: request.agent,
    payload: { proposed: request, by: person.email, vouchedBy: handsOf(person).vouchedBy, waiver: id },
    raises: false,
    change: (tx) => proposeWaiver(tx, id, handsOf(person), request),
  });
  return { id, inForce: false };
}

/** Second half: another person signs, and the tier is in force until it ends. */
export async function signTier(control: Control, person: PersonCaller, id: string): Promise<void> {
  const proposal = await readProposal(control.parts.db, id);
  if (proposal === undefined) throw new Problem("not_found", `no waiver \`${id.slice(0, 60)}\` waits for a signature`);
  const permission = requireMay(person, "waive", signingTier(control, proposal));
  // It was asked for because there was a second person: nobody signs their own, whatever is stated since.
  if (person.email === proposal.by || permission.singlePerson)
    throw new Problem("forbidden", "the one who asked cannot be the second to sign");
  if (!control.keeper.loaded().directory.people.has(proposal.by))
    throw new Problem("conflict", "the one who asked has left the workspace", { help: "ask for it anew" });
  if (!isAdminAmong(control, [proposal.by, person.email]))
    throw new Problem("forbidden", "a tier takes an admin as one of the two", { help: "ask an admin to sign it" });
  checkSubject(control, proposal.request);
  const vouchedBy = [...new Set([...proposal.vouchedBy, ...handsOf(person).vouchedBy])].sort();
  await sign(control, id, proposal.request, [proposal.by, person.email], false, vouchedBy);
}

/** Whether this person may be the second to sign. */
function maySignTier(control: Control, person: PersonCaller, proposal: Proposal): boolean {
  if (person.email === proposal.by || !control.keeper.loaded().directory.people.has(proposal.by)) return false;
  const permission = may(person, "waive", signingTier(control, proposal));
  return permission.allowed && !permission.singlePerson && isAdminAmong(control, [proposal.by, person.email]);
}

/** Tiers that wait for a second person, and which of them this one may sign. */
export async function listTiers(control: Control, person: PersonCaller): Promise<readonly TierLine[]> {
  const proposed = await listProposals(control.parts.db);
  return proposed.map((one) => ({
    id: one.id,
    ...one.request,
    by: one.by,
    yours: maySignTier(control, person, one),
  }));
}

function signingTier(control: Control, { by, vouchedBy, request }: Proposal): PermissionContext {
  return contextOf(control, { workflow: request.workflow, first: { person: by, vouchedBy } });
}

/** A DRI and who they made their delegate are not two who may do more: one of the two is an admin. */
function isAdminAmong({ keeper }: Control, people: readonly string[]): boolean {
  const { directory } = keeper.loaded();
  return people.some((one) => directory.people.get(one)?.roles.includes("admin"));
}

export async function endTier(control: Control, person: PersonCaller, id: string, reason: string): Promise<void> {
  const waiver = control.keeper.loaded().waivers.find((one) => "id" in one && one.id === id);
  if (waiver === undefined) throw new Problem("not_found", `no waiver \`${id.slice(0, 60)}\` is in force`);
  requireMay(person, "demote", contextOf(control, { workflow: waiver.workflow }));
  await govern(control, {
    kind: "waived",
    person: person.email,
    workflow: waiver.workflow,
    agent: waiver.agent,
    payload: { ended: waiver, reason },
    change: async (tx) => void (await revokeWaiver(tx, id)),
  });
}

async function sign(
  control: Control,
  id: string,
  request: WaiverRequest,
  by: readonly string[],
  single: boolean,
  vouchedBy: readonly string[],
): Promise<void> {
  const faults = faultsOf(request, by, single);
  if (faults !== undefined) throw new Problem("invalid", faults);
  await govern(control, {
    kind: "waived",
    person: by.at(-1) ?? "",
    workflow: request.workflow,
    agent: request.agent,
    payload: { waiver: id, ...request, signed: by, single, vouchedBy },
    change: async (tx) => {
      await dropProposal(tx, id);
      await insertWaiver(tx, {
        id,
        agent: request.agent,
        workflow: request.workflow,
        tier: request.tier,
        reason: request.reason,
        signed_by: by,
        single,
        days: request.days,
      });
    },
  });
}

function faultsOf(request: WaiverRequest, by: readonly string[], single: boolean): string | undefined {
  const from = new Date(0).toISOString();
  const until = new Date(request.days * 86_400_000).toISOString();
  return waiverFaults({ ...request, by, from, until, ...(single ? { single } : {}) }, single)[0];
}

function checkSubject(control: Control, request: WaiverRequest): void {
  const known = control.keeper.loaded().directory.agents.get(request.agent);
  if (known?.workflow !== request.workflow) {
    throw new Problem(
      "not_found",
      `agent \`${request.agent.slice(0, 100)}\` is not in workflow \`${request.workflow.slice(0, 100)}\``,
    );
  }
  const asked =
    control.keeper.loaded().workspace?.workflows.find((workflow) => workflow.name === request.workflow)?.tier ?? 0;
  if (request.tier > asked) {
    throw new Problem("conflict", `the workflow file asks for tier ${asked}; a waiver cannot give more`, {
      help: "change `tier` in the workflow file first",
    });
  }
}
