import type { Requirement } from "@countersign/contract";
import { grantedCallOf, openRow, requireRoom } from "../action/index.ts";
import { type GrantShape, shapeFault } from "../approvals/index.ts";
import { insertGrant } from "../approvals/sql.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { takesGrants } from "../policy/index.ts";
import { askedOf, openAsShown, requireShown } from "./answer.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { measure } from "./measure-look.ts";

export interface GrantRequest {
  /** The held action that was looked at. */
  readonly approval: string;
  readonly callDigest: string;
  readonly shownDigest: string;
  /** The parts of it that were opened or in view, as the client says. */
  readonly opened?: readonly string[];
  readonly shape: GrantShape;
  readonly workflow?: string;
  readonly forMs: number;
  readonly uses: number;
  readonly reason: string;
}

/**
 * Approves calls like one that is held, for a time and a number of calls: where the policy that asks takes grants, and no
 * further than this person could approve each of them. What waits and is like it is decided again.
 */
export async function grant(control: Control, person: PersonCaller, request: GrantRequest): Promise<string> {
  const { approval: action, forMs, reason, shape, uses } = request;
  const waiting = await readSubject(control.parts.db, action, control.parts.wrap);
  const open = await openAsShown(control, person, { action, callDigest: request.callDigest });
  if (request.workflow !== undefined && request.workflow !== open.workflow)
    throw new Problem("conflict", `this action is of workflow \`${open.workflow}\``, { at: "/workflow" });
  const asked = askedOf(control, person, open);
  const showing = await requireShown(control, person, open, request.shownDigest);
  const { skimmed, unopened } = measure(control, person, open, { ...request, verdict: "approve" }, showing.ms);
  if (unopened)
    throw new Problem("conflict", "the risk is high and most of what this does was never opened", {
      help: "open its parts in the console, and grant then",
    });
  if (skimmed)
    throw new Problem("conflict", "you looked at this for too short a time to grant calls like it", {
      help: "look at it again, and grant then",
    });
  const { perHour } = control.parts.plane.current().answering ?? {};
  const given = grantedCallOf(waiting);
  if (given === undefined) throw new Problem("unavailable", "the record of this action cannot be opened");
  const { record, ...call } = given;
  const reversal = open.plan?.kind === "inverse" ? "plan" : "none";
  const question = { verb: open.verb, reversal, tier: record.tier, production: record.production };
  const plane = control.parts.plane.current();
  // Who only stands in for this one question, as it was escalated to them, could not answer the next one.
  const mine = asked.filter(({ requirement }) => plane.asked(requirement.from, open.workflow).includes(person.email));
  const taken = mine.filter(
    ({ requirement }) => requirement.passkey !== true && takesGrants(requirement.grants, question),
  );
  if (taken.length === 0) throw new Problem("conflict", whyNone(open.verb, open.plan?.kind, mine), { help: alone });
  const fault = shapeFault(shape, call.args);
  if (fault !== undefined) throw new Problem("invalid", fault, { at: "/shape/arguments" });
  const { vouchedBy } = handsOf(person);
  const policies = taken.map(({ requirement: { policy, policyDigest, from } }) => ({ policy, policyDigest, from }));
  const tool = `${open.server}.${open.tool}`;
  const capacity = taken[0]?.as ?? "";
  const singlePerson = taken.some((one) => one.singlePerson);
  const id = newId("gov", control.parts.clock.now());
  const { shownDigest, callDigest } = request;
  await govern(control, {
    kind: "granted",
    id,
    person: person.email,
    workflow: open.workflow,
    agent: open.agent,
    tool,
    payload: {
      deed: "granted",
      grant: id,
      approval: action,
      by: person.email,
      vouchedBy,
      as: capacity,
      singlePerson,
      method: person.method,
      reason,
      shape,
      policies,
      forMs,
      uses,
      shownDigest,
      callDigest,
    },
    raises: false,
    change: async (tx) => {
      const row = await openRow(tx, action);
      const isSame = row?.step === waiting.entries.at(-1)?.entry.step && row?.call_digest === callDigest;
      if (row?.state !== "held" || row.frozen_by !== null || !isSame)
        throw new Problem("conflict", "it no longer waits as you were shown it", { help: "look at it again" });
      if (perHour !== undefined) await requireRoom(tx, person.email, action, perHour);
      const { agent, workflow } = open;
      const { email, groups } = person;
      await insertGrant(tx, {
        ...{ id, approval: action, person: email, vouchedBy, groups, capacity, workflow, tool, agent, policies },
        ...{ uses, forMs },
      });
    },
  });
  for (const one of await control.hall.listOpen(["held"], mostNudged))
    if (one.workflow === open.workflow && one.server === open.server && one.tool === open.tool)
      control.hall.nudge(one.id);
  return id;
}

const mostNudged = 1000;
const alone = "approve this one call";

function whyNone(
  verb: string,
  plan: string | undefined,
  asked: readonly { readonly requirement: Requirement & { readonly kind: "approval" } }[],
): string {
  if (asked.length === 0) return "you stand in for this one question only";
  if (asked.every(({ requirement }) => requirement.passkey === true)) return "each of these takes a passkey";
  const takes = asked.filter(({ requirement }) => requirement.grants !== undefined);
  if (takes.length === 0)
    return `no grant answers ${asked.map(({ requirement }) => `\`${requirement.policy}\``).join(" or ")}: it does not say \`grants\``;
  if (verb !== "read" && plan !== "inverse") return "nothing undoes this call, so each is approved by itself";
  return "an agent of tier 3 acts in production here, and the policy does not say `grants: production`";
}
