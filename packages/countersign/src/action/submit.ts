import type { CheckFact, UndoLink } from "@countersign/contract";
import type { Tool } from "../catalog/tool.ts";
import { complaint } from "../checks/index.ts";
import { iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Track } from "./advance.ts";
import { attach } from "./attach.ts";
import { attempt, claimsOf, moved } from "./attempt.ts";
import { argsDigest, type Call, callDigest, claimNames } from "./call.ts";
import { type Captured, capture, promised, readCaptured, withBefore } from "./capture.ts";
import { type Considered, consider, runBaseChecks } from "./consider.ts";
import { placeSentence } from "./elsewhere.ts";
import { loadSubmitted, submittedNow } from "./get.ts";
import type { Submitted } from "./hall.ts";
import { hold } from "./hold.ts";
import { requireOneCall } from "./one-call.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { isAskedSince } from "./questions.ts";
import { refuse } from "./refuse.ts";
import { runOf } from "./run.ts";
import { tierUnder } from "./run-line.ts";
import type { Settled } from "./settle.ts";
import type { Submission, SubmitOptions } from "./submission.ts";
import { tooManyWait } from "./too-many-wait.ts";
import { unknownTool } from "./unknown-tool.ts";

const maxDecisions = 8;

/** The way of one action, from a proven caller to an answer with a receipt. */
export async function submit(
  parts: Parts,
  caller: Caller,
  submission: Submission,
  options: SubmitOptions,
  undoes?: UndoLink,
  again = false,
): Promise<Submitted> {
  requireOneCall(submission);
  const plane = parts.plane.current();
  const tool = plane.tool(submission.server, submission.tool);
  if (tool === undefined) return unknownTool(parts, caller, submission);
  const named = options.as === undefined ? {} : { id: options.as };
  const of = undoes === undefined ? {} : { ...named, reverses: undoes.action, undoes: withCleanReason(parts, undoes) };
  const call = await begin(parts, plane, caller, withCleanClaim(parts, submission), tool, of);
  const earlier = await attach(parts, call, options);
  if (earlier !== undefined) return earlier;
  const { within } = options;
  const track: Track = {
    call,
    key: new SubjectKey(call.id),
    state: "received",
    step: 0,
    ...(within === undefined ? {} : { within }),
  };
  try {
    const ended = await pass(parts, track, plane, options);
    if (ended === "held") return await waitHeld(parts, track, options);
    if (ended === "refused") return await loadSubmitted(parts, track.call.id);
    await parts.at("before_answer", call.id);
    remember(parts, track);
    return submittedNow(track, ended);
  } catch (thrown) {
    if (!(thrown instanceof Problem && thrown.code === "conflict" && track.step === 0)) throw thrown;
    // The same call is open already, here or on another replica: that one is the action.
    const theirs = await attach(parts, call, options, true);
    if (theirs !== undefined) return theirs;
    if (again) throw thrown;
    return submit(parts, caller, submission, options, undoes, true);
  }
}

/** What an agent says about itself is no argument that a check refuses, and it is kept. */
function withCleanClaim(parts: Parts, submission: Submission): Submission {
  const { claim } = submission;
  return claim === undefined ? submission : { ...submission, claim: String(parts.checking.redact(claim).value) };
}

function withCleanReason(parts: Parts, undoes: UndoLink): UndoLink {
  const { reason } = undoes;
  return reason === undefined ? undoes : { ...undoes, reason: String(parts.checking.redact(reason).value) };
}

/** One action on its way from the beginning, its run and its tier as they are now. */
export async function begin(
  parts: Parts,
  plane: Plane,
  caller: Caller,
  submission: Submission,
  tool: Tool,
  of: Pick<Call, "reverses" | "undoes" | "edit"> & Partial<Pick<Call, "id">>,
): Promise<Call> {
  const classified = tool.classify(submission.args);
  const run = await runOf(parts, caller, submission, { tool: tool.id, target: classified.target }, of);
  return {
    id: newId("act", parts.clock.now()),
    caller: { ...caller, tier: tierUnder(plane, caller, run) },
    submission,
    tool,
    classified,
    run,
    argsDigest: argsDigest(submission.args),
    at: iso(parts.ledger.now()),
    ...of,
  };
}

/** Checks, decides, captures, holds or attempts: again from the decision where policy moved meanwhile. */
export async function pass(
  parts: Parts,
  track: Track,
  first: Plane,
  options: SubmitOptions,
): Promise<Settled | "refused" | "held"> {
  const { call } = track;
  const { claimedEnvironment } = call.submission;
  if (claimedEnvironment !== undefined && claimedEnvironment !== call.classified.environment.name) {
    const said = String(parts.checking.redact(claimedEnvironment).value);
    const sentence = `refused: the call says environment \`${said}\`, but ${placeSentence(call)}`;
    return refuse(parts, track, undefined, "policy", sentence);
  }
  const { environment } = call.caller;
  if (environment !== undefined && environment !== call.classified.environment.name) {
    const sentence = `refused: this credential is for environment \`${environment}\`, and ${placeSentence(call)}`;
    return refuse(parts, track, undefined, "policy", sentence);
  }
  const started = parts.clock.tick();
  const checks = await runBaseChecks(parts, call);
  parts.tally.took("check", parts.clock.tick() - started);
  const failed = checks.find((check) => check.verdict !== "pass");
  let plane = first;
  for (let round = 0; round < maxDecisions; round++) {
    const stopped = plane.stopFor({
      agent: call.caller.agent,
      workflow: call.caller.workflow,
      tool: call.tool.id,
      system: call.classified.system,
    });
    if (stopped !== undefined)
      return refuse(parts, track, undefined, "stopped", `stopped by ${stopped.by}: ${stopped.reason}`);
    const { considered, captured, call: seen } = await decideAndCapture(parts, plane, track, checks);
    const now: Track = Object.assign(track, { call: seen });
    if (considered.effect === "deny") return refuse(parts, now, considered, "policy", considered.decision.sentence);
    if (failed !== undefined) return refuse(parts, now, considered, "check", checkSentence(parts, failed));
    if (considered.effect === "require") {
      const full = await tooManyWait(parts, plane, considered.input, considered.decision.requirements);
      if (full !== undefined) return refuse(parts, now, considered, "budget", full);
      await hold(parts, now, plane, considered, captured, claimsOf(now));
      options.onHeld?.(call.id);
      return "held";
    }
    const settled = await attempt(parts, now, plane, considered, captured, options);
    if (settled !== moved) return settled;
    plane = parts.plane.current();
  }
  throw new Problem("unavailable", "the rules changed too often while this was decided; nothing was done", {
    help: "try again",
  });
}

/** First decides as if the catalog's promise of a reversal held; only what is not refused may have its target read. */
async function decideAndCapture(
  parts: Parts,
  plane: Plane,
  track: Track,
  checks: readonly CheckFact[],
): Promise<{ considered: Considered; captured: Captured; call: Call }> {
  const { call } = track;
  const optimistic = await consider(parts, plane, call, { approvals: [], checks, reversal: promised(call) }, "call");
  const isRefused = optimistic.effect === "deny" || checks.some(({ verdict }) => verdict !== "pass");
  if (isRefused || call.classified.verb === "read") {
    return { considered: optimistic, captured: readCaptured, call };
  }
  const captured = await capture(parts, call);
  const seen = withBefore(call, captured);
  const { steps } = plane.needs(call.caller.workflow, call.tool.id);
  // INVARIANT: where a fact is read from the captured state, what was allowed without it counts for nothing.
  const reads = steps.length > 0 || call.tool.countsBefore !== undefined || seen.since !== undefined;
  if (captured.reversal === promised(call) && !reads)
    return { considered: { ...optimistic, callDigest: callDigest(seen) }, captured, call: seen };
  const again = await consider(
    parts,
    plane,
    seen,
    {
      approvals: [],
      checks: optimistic.checks,
      reversal: captured.reversal,
      captured: true,
      ...(optimistic.input.facts.flow === undefined ? {} : { flow: optimistic.input.facts.flow }),
    },
    "call",
  );
  return { considered: again, captured, call: seen };
}

/** A member that the schema does not know bears its caller's own name: that is screened like whatever else they wrote. */
function checkSentence(parts: Parts, check: CheckFact): string {
  const where = check.evidence.map((one) => complaint(one, (value) => parts.checking.redact(value))).join(", ");
  if (check.verdict === "error") return `refused: check \`${check.name}\` could not run, so it did not pass`;
  if (where === "") return `refused: check \`${check.name}\` failed`;
  return `refused: check \`${check.name}\` failed: ${String(parts.checking.redact(where).value)}`;
}

async function waitHeld(parts: Parts, track: Track, options: SubmitOptions): Promise<Submitted> {
  const until = parts.clock.tick() + (options.waitMs ?? 0);
  for (;;) {
    const now = await loadSubmitted(parts, track.call.id);
    if (now.view.state !== "held" && now.view.state !== "ready" && now.view.state !== "running") return now;
    if (isAskedSince(undefined, now.view)) return now;
    const left = until - parts.clock.tick();
    if (left <= 0 || options.signal?.aborted === true) return now;
    await parts.watch.next(track.call.id, Math.min(left, 1000), options.signal);
  }
}

/** What `delivered` will give back. An unknown keeps its claim: an identical call attaches to it until it is settled. */
function remember(parts: Parts, track: Track): void {
  if (track.state === "unknown") return;
  parts.delivering.set(track.call.id, claimNames(track.call).identical ?? "");
  if (parts.delivering.size > 50_000) parts.delivering.delete(parts.delivering.keys().next().value as string);
}
