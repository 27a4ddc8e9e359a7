import { leftOut, type Surveyed } from "../action/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { barred, lookThrough, type ReversalScope, runsOf, settledTo } from "./reversal-scope.ts";
import { goOnAgain, insertReversal, leftOutSteps, openReversal, putSteps } from "./run-reversal-sql.ts";

/**
 * Asks for a run to be reversed: what is to be undone is written down whole, and any replica goes on with it from there.
 * Asking again is the same reversal; one that stopped goes on with what is there now, for whoever asked last.
 */
export async function reverseRun(
  control: Control,
  person: PersonCaller,
  request: ReversalScope & { readonly reason: string },
): Promise<string> {
  const asked = await runsOf(control, person, request);
  const known = await openReversal(control.parts.db, asked.runs);
  if (known !== undefined && known.run !== request.run)
    throw new Problem("conflict", `this is being reversed with run \`${known.run}\` already`, {
      help: "look how far that is, and ask again when it has ended",
    });
  if (known?.state === "going") return known.id;
  const runs = [...new Set([...(known?.runs ?? []), ...asked.runs])];
  const before = known === undefined ? [] : await leftOutSteps(control.parts.db, known.id, leftOut);
  const leave = [...new Set([...before, ...request.leave])];
  const survey = await lookThrough(control, runs, leave);
  const lines = survey.lines.filter(({ fate }) => fate !== "reversed");
  requireAll(control, person, lines);
  if (known === undefined && !lines.some(({ fate }) => fate === "undo" || fate === "open"))
    throw new Problem("conflict", "there is nothing in this run that can be undone", {
      help: `\`countersign reverse --run ${request.run} --dry-run\` says why`,
    });
  const id = known?.id ?? newId("rev", control.parts.clock.now());
  const deed = newId("gov", control.parts.clock.now());
  const settled = settledTo(control);
  const upTo = survey.newest ?? settled;
  const asking = {
    id,
    asked_by: person.email,
    vouched_by: handsOf(person).vouchedBy,
    credential: person.credential,
    deed,
    up_to: upTo,
    seen_to: settled,
  };
  const steps = lines.map((line) => ({
    deed: line.deed,
    run: line.run,
    sent: line.sent,
    state: line.fate === "left" ? ("left" as const) : ("waiting" as const),
    why: line.fate === "left" ? line.sentence : null,
  }));
  try {
    await govern(control, {
      id: deed,
      kind: "activated",
      person: person.email,
      workflow: asked.workflow,
      payload: {
        deed: known === undefined ? "asked to reverse a run" : "asked to go on reversing a run",
        run: request.run,
        runs,
        reversal: id,
        reason: control.parts.checking.redact(request.reason).value,
        actions: steps.length,
        leave,
      },
      raises: false,
      async change(tx) {
        if (known === undefined) await insertReversal(tx, { ...asking, run: request.run, runs });
        else await goOnAgain(tx, { ...asking, runs, fence: known.fence });
        await putSteps(tx, id, steps);
      },
    });
  } catch (thrown) {
    // Two people pressed at once: the first one's is the reversal, for both.
    const theirs = await openReversal(control.parts.db, [request.run]);
    if (thrown instanceof Problem && thrown.code === "conflict" && theirs?.run === request.run && theirs.deed !== deed)
      return theirs.id;
    throw thrown;
  }
  return id;
}

/** INVARIANT: whoever may not undo a part of it undoes nothing of it: to leave a later action there is theirs to say. */
function requireAll(control: Control, person: PersonCaller, lines: readonly Surveyed[]): void {
  for (const line of lines) {
    const because = line.fate === "left" ? undefined : barred(control, person, line);
    if (because !== undefined)
      throw new Problem(
        "forbidden",
        `you may not undo \`${line.deed}\` in workflow \`${line.workflow ?? ""}\`: ${because}`,
        {
          help: "name it under `leave`, leave the runs under this one out, or ask somebody who may",
        },
      );
  }
}
