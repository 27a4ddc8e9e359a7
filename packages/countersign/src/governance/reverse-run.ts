import { leftOut, type Surveyed } from "../action/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { leftOutSteps, notLeft } from "./left-steps-sql.ts";
import { barred, lookThrough, type ReversalScope, runsOf, runsSince, settledTo, withSince } from "./reversal-scope.ts";
import { goOnAgain, insertReversal, openReversal, putSteps, type ReversalRow } from "./run-reversal-sql.ts";

/**
 * Asks for a run to be reversed: what is to be undone is written down whole, and any replica goes on with it from there.
 * Asking again is the same reversal; one that stopped goes on with what is there now, for whoever asked last.
 */
export async function reverseRun(
  control: Control,
  person: PersonCaller,
  request: ReversalScope & { readonly reason: string },
): Promise<string> {
  const { db } = control.parts;
  const own = await openReversal(db, [request.run]);
  // The runs under it are in it already, with those that came since: their number ends nothing any more.
  const isWithChildren = own?.run === request.run && own.children;
  const asked = await runsOf(control, person, isWithChildren ? { ...request, children: false } : request);
  const known = own ?? (await openReversal(db, asked.runs));
  if (known !== undefined && known.run !== request.run)
    throw new Problem("conflict", `this is being reversed with run \`${known.run}\` already`, {
      help: "look how far that is, and ask again when it has ended",
    });
  if (known?.state === "going") return sameAs(control, known, request, asked.runs);
  const children = request.children || known?.children === true;
  const begun = [...new Set([...(known?.runs ?? []), ...asked.runs])];
  const since = known === undefined ? [] : await runsSince(control, known);
  const before = known === undefined ? [] : await leftOutSteps(db, known.id, leftOut);
  const leave = [...new Set([...before, ...request.leave])];
  const survey = await lookThrough(control, [...begun, ...since], leave);
  const runs = [...begun, ...withSince(since, survey.lines)];
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
        if (known === undefined) await insertReversal(tx, { ...asking, run: request.run, runs, children });
        else await goOnAgain(tx, { ...asking, runs, children, fence: known.fence });
        await putSteps(tx, id, steps);
      },
    });
  } catch (thrown) {
    // Two people pressed at once: the first one's is the reversal, for both.
    const theirs = await openReversal(db, [request.run]);
    if (thrown instanceof Problem && thrown.code === "conflict" && theirs?.run === request.run && theirs.deed !== deed)
      return sameAs(control, theirs, request, asked.runs);
    throw thrown;
  }
  return id;
}

/** The reversal that goes on, where it is what is asked for. It may be about to undo what somebody wants to keep. */
async function sameAs(
  control: Control,
  known: ReversalRow,
  request: ReversalScope,
  runs: readonly string[],
): Promise<string> {
  const help =
    "wait for its end; or deny or cancel what it waits for, so that it stops, and ask again: then it is taken in";
  const [kept] = await notLeft(control.parts.db, known.id, request.leave);
  if (kept !== undefined)
    throw new Problem("conflict", `it is being reversed already, and \`${kept}\` is not among what that leaves`, {
      at: "/leave",
      help,
    });
  const run = known.children ? undefined : runs.find((one) => !known.runs.includes(one));
  if (run !== undefined)
    throw new Problem("conflict", `it is being reversed already, without run \`${run}\` under it`, {
      at: "/children",
      help,
    });
  return known.id;
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
