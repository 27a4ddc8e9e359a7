import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { carryShown, digestOfShown, edit as editCall, type OpenAction, readCall } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { type Caller, callerWith, type PersonCaller } from "../identity/index.ts";
import { answer, askedOf, capacitiesIn, openAsShown, requireShown } from "./answer.ts";
import type { Control } from "./control.ts";

export interface EditRequest {
  readonly action: string;
  readonly arguments: JsonObject;
  readonly reason: string;
  readonly callDigest: string;
  readonly shownDigest: string;
}

/** The other action that was made of the held one. */
export interface Edited {
  readonly action: string;
  /** Why the edit is no approval of it; absent where it counts as one, or where none was needed. */
  readonly notCounted?: string;
  readonly counts: boolean;
}

/**
 * Whoever may answer makes another call of it. INVARIANT: what comes of it could have been asked for by the agent itself,
 * now, with the credential it asked with; it is decided from the start, and the edit is at most one approval of it.
 */
export async function edit(control: Control, person: PersonCaller, request: EditRequest): Promise<Edited> {
  const open = await openAsShown(control, person, request);
  const asked = askedOf(control, person, open);
  await requireShown(control, person, open, request.shownDigest);
  const caller = await askingNow(control, open);
  const { view } = await editCall(control.parts, caller, {
    ...request,
    person: person.email,
    as: capacitiesIn(asked),
  });
  if (view.state !== "held") return { action: view.id, counts: false };
  const made = await control.hall.open(view.id);
  if (made?.state !== "held") return { action: view.id, counts: false };
  const differs = whyNew(open, made);
  if (differs !== undefined) return { action: view.id, counts: false, notCounted: differs };
  return { action: view.id, ...(await approve(control, person, request, made)) };
}

/** Whoever could ask for it now with the credential that asked for the first: a revoked one asks for nothing. */
async function askingNow(control: Control, open: OpenAction): Promise<Caller> {
  const { credential, reverses, workload } = await readCall(control.parts, open.id);
  if (reverses !== undefined)
    throw new Problem("conflict", "an undo is not edited: it is what was captured before its deed", {
      help: "approve it or deny it as it is",
    });
  const { parts, keeper } = control;
  const caller = callerWith(keeper.loaded().directory, keeper.credentials(), credential, parts.clock.now());
  const isSame =
    caller?.agent === open.agent && caller.workflow === open.workflow && caller.onBehalfOf === open.onBehalfOf;
  if (caller !== undefined && isSame) return workload === undefined ? caller : { ...caller, workload };
  throw new Problem("conflict", "its agent could not ask for another call any more: its credential is not live", {
    help: "deny it; the agent asks again once it has a live credential",
  });
}

/** What the person did not look at when they made the new call; then it waits until somebody does. */
function whyNew(first: OpenAction, made: OpenAction): string | undefined {
  const look = "look at the edited call and approve it";
  if (made.target !== first.target) return `it goes to another target, \`${made.target}\`: ${look}`;
  if (made.environment !== first.environment || made.verb !== first.verb)
    return `it does another kind of thing: ${look}`;
  if (canonical(made.before ?? null) !== canonical(first.before ?? null))
    return `the state of its target is not what you were shown: ${look}`;
  if ((made.plan?.kind ?? "none") !== (first.plan?.kind ?? "none")) return `it is undone in another way: ${look}`;
  if (riseOf(first, made)) return `more depends on it than on what you were shown: ${look}`;
  if (canonical(cameFrom(made)) !== canonical(cameFrom(first))) return `its values come from elsewhere: ${look}`;
  if (canonical(askedBy(made)) !== canonical(askedBy(first))) return `other policies ask about it: ${look}`;
  return undefined;
}

const levels = ["low", "medium", "high"];

/** Whether the risk or any count of what is touched rose, or stopped being known. */
function riseOf(first: OpenAction, made: OpenAction): boolean {
  if (levels.indexOf(made.risk?.level ?? "high") > levels.indexOf(first.risk?.level ?? "low")) return true;
  const was = first.reach?.counts ?? {};
  const { money, ...counts } = made.reach?.counts ?? {};
  const isMore = Object.entries(counts).some(([unit, count]) => count > (was[unit as keyof typeof counts] ?? -1));
  const isDearer =
    money !== undefined && (was.money?.currency !== money.currency || money.minor > (was.money?.minor ?? -1));
  const isUnknown = Object.keys(was).some((unit) => !(unit in (made.reach?.counts ?? {})));
  return isMore || isDearer || isUnknown;
}

function cameFrom({ flow }: OpenAction): Json {
  if (flow === undefined) return null;
  const { sentence: _, ...rest } = flow;
  return rest as unknown as Json;
}

function askedBy({ requirements }: OpenAction): Json {
  return requirements.map(({ kind, policy, policyDigest }) => ({ kind, policy, policyDigest }));
}

/** By the same door as every approval, and refused where that refuses. */
async function approve(
  control: Control,
  person: PersonCaller,
  request: EditRequest,
  made: OpenAction,
): Promise<Omit<Edited, "action">> {
  const shownDigest = digestOfShown(made);
  await carryShown(control.parts.db, request.action, { action: made.id, person: person.email, digest: shownDigest });
  try {
    const { notCounted } = await answer(control, person, {
      action: made.id,
      verdict: "approve",
      callDigest: made.callDigest,
      shownDigest,
      reason: request.reason,
      editOf: request.action,
    });
    return notCounted === undefined ? { counts: true } : { counts: false, notCounted };
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === "unavailable" || thrown.code === "bug") throw thrown;
    return { counts: false, notCounted: thrown.detail };
  }
}
