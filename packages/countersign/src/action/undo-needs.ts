import { iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { promised, withBefore } from "./capture.ts";
import { changedSince } from "./changed-since.ts";
import { runBaseChecks } from "./consider.ts";
import { gatherFlow } from "./gather-flow.ts";
import { decisionInput } from "./input.ts";
import type { Parts } from "./parts.ts";
import { reachOf } from "./reach.ts";
import { undoCallOf } from "./reverse.ts";
import { begin } from "./submit.ts";
import { toldFlow } from "./told-flow.ts";
import { gatherFacts } from "./windows.ts";

export interface UndoNeeds {
  readonly effect: "allow" | "require" | "deny";
  readonly sentence: string;
  /** What people would have to give. */
  readonly needs: readonly string[];
  /** True where its target is not for certain as the action left it; absent where that was not looked at. */
  readonly changed?: boolean;
}

/** What would be decided of an undo now. Nothing is done or recorded; with `looks` its target is read. */
export async function undoNeeds(parts: Parts, person: PersonCaller, deed: string, looks: boolean): Promise<UndoNeeds> {
  const { caller, submission, undoes } = await undoCallOf(parts, person, deed, "to see what it would need");
  const plane = parts.plane.current();
  const tool = plane.tool(submission.server, submission.tool);
  if (tool === undefined) throw new Problem("conflict", "the tool of its undo is no longer in the catalog");
  const begun = await begin(parts, plane, caller, submission, tool, { reverses: deed, undoes });
  const changed = looks ? await changedSince(parts, begun) : undefined;
  const call = changed === undefined ? begun : withBefore(begun, changed);
  const seen = changed === undefined ? {} : { changed: changed.since !== undefined };
  const { agent, workflow } = call.caller;
  const stopped = plane.stopFor({ agent, workflow, tool: tool.id, system: call.classified.system });
  if (stopped !== undefined)
    return { effect: "deny", sentence: `stopped by ${stopped.by}: ${stopped.reason}`, needs: [], ...seen };
  const checks = await runBaseChecks(parts, call);
  const reach = reachOf(call, false);
  const facts = {
    ...(await gatherFacts(parts, plane, call, false)),
    ...(reach === undefined ? {} : { reach }),
    flow: toldFlow(parts, call, await gatherFlow(parts, plane, call)),
  };
  const known = { approvals: [], checks, vetoes: [], stopped: false, reversal: promised(call), ...facts };
  const at = iso(parts.ledger.now());
  const decision = plane.decide(decisionInput(call, known, "call", newId("dec", parts.clock.now()), at));
  const failed = checks.find(({ verdict }) => verdict !== "pass");
  if (failed !== undefined)
    return { effect: "deny", sentence: `check \`${failed.name}\` does not pass`, needs: [], ...seen };
  const needs = decision.requirements.filter(({ kind }) => kind !== "check").map(({ sentence }) => sentence);
  return { effect: decision.effect, sentence: decision.sentence, needs, ...seen };
}
