import {
  endPreservation as end,
  holdErasing,
  insertPreservation,
  type PreservationScope,
  preservationInForce,
  statesOf,
} from "../erasure/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller, requireMay } from "../identity/index.ts";
import { isNamed } from "../ledger/look-sql.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

export interface PreservationRequest {
  readonly scope: PreservationScope;
  readonly name: string;
  readonly reason: string;
  readonly untilMs?: number;
}

/** Puts a legal hold in force: from now on nothing that it names is erased, by people or by retention. */
export async function preserve(control: Control, person: PersonCaller, request: PreservationRequest): Promise<string> {
  const { scope, name, reason, untilMs } = request;
  requireMay(person, "preserve", contextOf(control, scope === "workflow" ? { workflow: name } : {}));
  if (reason.trim() === "") throw new Problem("invalid", "a legal hold needs a reason", { at: "/reason" });
  if (untilMs !== undefined && untilMs <= control.parts.ledger.now())
    throw new Problem("invalid", "a legal hold cannot end before it begins", { at: "/until" });
  await requireThere(control, scope, name);
  const id = newId("gov", control.parts.clock.now());
  const until = untilMs === undefined ? null : new Date(untilMs).toISOString();
  return govern(control, {
    kind: "preserved",
    person: person.email,
    ...(scope === "workflow" ? { workflow: name } : {}),
    ...(scope === "agent" ? { agent: name } : {}),
    payload: { preserved: { scope, name }, reason, until, by: person.email },
    id,
    raises: false,
    change: async (tx) => {
      await holdErasing(tx);
      if (scope === "action" && (await statesOf(tx, [name])).some((one) => one.isErased || !one.hasContent))
        throw new Problem("conflict", `\`${name}\` was erased before`);
      await insertPreservation(tx, {
        id,
        scope,
        name,
        reason,
        by: person.email,
        vouchedBy: handsOf(person).vouchedBy,
        until,
      });
    },
  });
}

/** Ends a legal hold before its time: a second person, since what it kept can be erased from then on. */
export async function endPreservation(
  control: Control,
  person: PersonCaller,
  id: string,
  reason: string,
): Promise<string> {
  const found = await preservationInForce(control.parts.db, id);
  if (found === undefined) throw new Problem("not_found", `no legal hold \`${id.slice(0, 60)}\` is in force`);
  const permission = requireMay(
    person,
    "end-preservation",
    contextOf(control, { first: { person: found.by, vouchedBy: found.vouchedBy } }),
  );
  if (reason.trim() === "") throw new Problem("invalid", "ending a legal hold needs a reason", { at: "/reason" });
  return govern(control, {
    kind: "preserved",
    person: person.email,
    ...(found.scope === "workflow" ? { workflow: found.name } : {}),
    ...(found.scope === "agent" ? { agent: found.name } : {}),
    payload: { ended: found, reason, as: permission.as, singlePerson: permission.singlePerson },
    raises: false,
    change: async (tx) => {
      await holdErasing(tx);
      if (!(await end(tx, id, person.email))) throw new Problem("conflict", "somebody else ended it first");
    },
  });
}

/** What is named is in force, or was: a legal hold may be about an agent that is gone. */
async function requireThere(control: Control, scope: PreservationScope, name: string): Promise<void> {
  const { workspace } = control.keeper.loaded();
  const inForce = {
    agent: workspace?.agents.some((agent) => agent.name === name),
    workflow: workspace?.workflows.some((workflow) => workflow.name === name),
  };
  if (scope === "agent" || scope === "workflow" ? inForce[scope] === true : false) return;
  if (await isNamed(control.parts.db, scope, name)) return;
  throw new Problem("not_found", `there is no ${scope} \`${name.slice(0, 120)}\` to preserve`);
}
