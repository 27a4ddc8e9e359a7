import { takeUses } from "../approvals/sql.ts";
import type { Tx } from "../db/db.ts";
import type { Answer } from "../execution/connector.ts";
import { iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { advance, type Move, type Track } from "./advance.ts";
import { openAlert } from "./alert-sql.ts";
import { consumeApprovals } from "./approval-sql.ts";
import { callDigest, claimValue, namesOf } from "./call.ts";
import type { Captured } from "./capture.ts";
import { claimMs, holdsFence } from "./claim-sql.ts";
import type { Considered } from "./consider.ts";
import { grantsIn } from "./gather-grants.ts";
import { type GuardedRelay, guardRelay } from "./guard-relay.ts";
import { inTime } from "./in-time.ts";
import { keepAnswer, markRun } from "./mark-run.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { callRecord, type DecidedRecord, leanDecision } from "./record.ts";
import { recordOutcome } from "./record-outcome.ts";
import { refuse } from "./refuse.ts";
import { countedRun } from "./run-line.ts";
import { readAnswer, type Settled, withheld } from "./settle.ts";
import { toStored } from "./stored-record.ts";
import type { SubmitOptions } from "./submission.ts";
import { reserve, WindowMoved } from "./windows.ts";
import { closedRelay } from "./without-labelled.ts";

/** Somebody revoked a grant, or others used it up first: it is decided again. */
class GrantMoved extends Error {}

/** Policy moved while the action was on its way: it is decided again. */
export const moved = Symbol("moved");

/** Reserves, writes the intent durably, dispatches once, writes the outcome. Nothing below this line sends twice. */
export async function attempt(
  parts: Parts,
  track: Track,
  plane: Plane,
  considered: Considered,
  captured: Captured,
  options: SubmitOptions,
): Promise<Settled | "refused" | typeof moved> {
  const { call } = track;
  const { agent, workflow } = call.caller;
  const subject = { agent, workflow, tool: call.tool.id, system: call.classified.system };
  const current = parts.plane.current();
  if (current.revision !== plane.revision) return moved;
  const stopped = current.stopFor(subject);
  // What was held is frozen by a stop, not refused: it is looked at again.
  if (stopped !== undefined && track.fence !== undefined) return moved;
  if (stopped !== undefined)
    return refuse(parts, track, considered, "stopped", `stopped by ${stopped.by}: ${stopped.reason}`);
  // Once for an action, however often it is decided again before it is sent.
  const limits = track.isBudgeted === true ? undefined : current.limits(call.caller.workflow);
  const full =
    limits === undefined
      ? undefined
      : await parts.budget.take(call.caller.workflow, countedRun(call.run), limits, parts.ledger.now());
  if (full !== undefined) {
    return refuse(
      parts,
      track,
      considered,
      "budget",
      `the budget of ${full.limit} calls in ${full.name} is used up for this ${full.scope.startsWith("run") ? "run" : "workflow"}`,
    );
  }
  const deadlineMs = Math.min(
    options.deadlineMs ?? Number.POSITIVE_INFINITY,
    current.timeoutMs(call.submission.server),
  );
  track.isBudgeted = true;
  const writer = await writeIntent(parts, track, current, considered, captured, deadlineMs);
  if (writer === moved) return moved;
  const abort = new AbortController();
  parts.inFlight.set(call.id, { ...subject, sinceMs: parts.clock.now(), abort });
  let recorded: Promise<void> | undefined;
  try {
    await parts.at("after_intent", call.id);
    const settled = await dispatch(parts, track, { deadlineMs, writer, abort }, options);
    await parts.at("after_call", call.id);
    keepAnswer(parts, call, considered, settled);
    recorded = writeOutcome(parts, track, settled);
    // What counts once it is done is in its window when its caller is told.
    if (call.classified.verb !== "read" || track.counted === true) await inTime(recorded);
    await parts.at("after_outcome", call.id);
    return settled;
  } finally {
    // In flight until its outcome is on disk: whoever drains waits for that.
    void Promise.resolve(recorded)
      .catch(() => undefined)
      .finally(() => parts.inFlight.delete(call.id));
  }
}

async function writeIntent(
  parts: Parts,
  track: Track,
  plane: Plane,
  considered: Considered,
  captured: Captured,
  deadlineMs: number,
): Promise<string | typeof moved> {
  const { call } = track;
  await parts.at("before_intent", call.id);
  const started = parts.clock.tick();
  const digest = callDigest(call);
  const record: DecidedRecord = {
    ...(track.step === 0 ? { call: callRecord(call, digest) } : {}),
    input: considered.input,
    decision: leanDecision(considered.decision),
    checks: considered.checks,
    ...(captured.before === undefined ? {} : { before: captured.before }),
    plan: captured.plan,
    revision: considered.revision,
    deadlineMs,
    ...(track.fence === undefined ? {} : { fence: track.fence }),
  };
  const moves: Move[] = [{ kind: "intent", to: "running", payload: toStored(record, call.submission.args) }];
  if (track.state === "held") moves.unshift({ kind: "ready", to: "ready", payload: { revision: considered.revision } });
  const fence = track.fence;
  const writer = parts.ledger.writer();
  const take = reserve(parts, plane, call, considered.input);
  const granted = grantsIn(considered.input);
  const mark = markRun(call);
  const { observed } = considered.decision;
  const written = advance(parts, track, moves, {
    ...(fence === undefined ? { claims: claimsOf(track) } : {}),
    ...(fence === undefined &&
    take === undefined &&
    mark === undefined &&
    granted.length === 0 &&
    observed === undefined
      ? {}
      : { within: (tx) => within(tx) }),
  });
  try {
    await written;
  } catch (thrown) {
    if (thrown instanceof WindowMoved || thrown instanceof GrantMoved) return moved;
    throw thrown;
  }
  if (take !== undefined) track.counted = true;
  track.decision = considered.decision;
  mark?.written();
  parts.tally.took("intent", parts.clock.tick() - started);
  return writer;

  async function within(tx: Tx): Promise<void> {
    if (fence !== undefined) {
      if (!(await holdsFence(tx, call.id, fence)))
        throw new Problem("conflict", "another replica took this action over");
      const spent = await consumeApprovals(tx, call.id, considered.callDigest);
      if (spent < standing(considered)) throw new Problem("conflict", "an approval was taken back");
      await tx.query("update open_action set state = 'running', lease_until = null where id = $1", [call.id]);
    }
    // INVARIANT: a use is counted in the transaction of the intent, so never more run than were granted, on however many replicas.
    if (granted.length > 0 && !(await takeUses(tx, granted))) throw new GrantMoved("a grant does not stand any more");
    await mark?.write(tx);
    await take?.(tx);
    if (observed === undefined) return;
    const { workflow } = call.caller;
    const told = `calls of ${workflow} pass that would have been ${observed === "deny" ? "refused" : "asked about"}, because they are only observed; the first is ${call.id}`;
    await openAlert(tx, newId("gov", parts.clock.now()), "observed", workflow, told);
  }
}

/** The approvals of this very call that the decision had before it. */
export function standing({ input, callDigest }: Considered): number {
  const given = input.facts.approvals.filter(({ callDigest: of, grant }) => of === callDigest && grant === undefined);
  return new Set(given.map((approval) => `${approval.policy} ${approval.person}`)).size;
}

export function claimsOf(track: Track) {
  const value = claimValue(track.call);
  return namesOf(track.call).map((name) => ({ name, subject: track.call.id, value, forMs: claimMs }));
}

interface Ready {
  readonly deadlineMs: number;
  /** The writer that wrote the intent. */
  readonly writer: string;
  readonly abort: AbortController;
}

/** Sends it once, or certainly not at all. */
async function dispatch(
  parts: Parts,
  track: Track,
  { deadlineMs, writer, abort }: Ready,
  options: SubmitOptions,
): Promise<Settled> {
  const { call } = track;
  const dispatchedAt = iso(parts.ledger.now());
  const cancelled = options.comesBack === true ? undefined : options.signal;
  const forward = (): void => abort.abort(cancelled?.reason);
  const closed = closedRelay(track);
  const guarded =
    options.relay === undefined || closed !== undefined
      ? undefined
      : guardRelay(parts, call, options.relay, abort.signal);
  const relay = closed ?? guarded?.relay;
  cancelled?.addEventListener("abort", forward, { once: true });
  try {
    const reason = whyNotNow(parts, track, writer, options);
    if (reason !== undefined) return { record: { kind: "stopped", reason, dispatchedAt } };
    const started = parts.clock.tick();
    const answer = await parts.connector
      .call({
        actionId: call.id,
        server: call.submission.server,
        method: call.submission.method,
        params: withKey(track),
        deadlineMs,
        signal: abort.signal,
        workflow: call.caller.workflow,
        ...(call.caller.onBehalfOf === undefined ? {} : { onBehalfOf: call.caller.onBehalfOf }),
        whyNot: () => whyNotNow(parts, track, writer, options),
        ...(options.session === undefined ? {} : { session: options.session }),
        ...(relay === undefined ? {} : { relay }),
      })
      .catch((cause: unknown): Answer => {
        parts.log.error({ action: call.id, cause: String(cause) }, "a connector threw: what happened is unknown");
        return { kind: "lost", reason: "the connector failed" };
      });
    parts.tally.took("upstream", parts.clock.tick() - started);
    guarded?.close();
    const settled = await readAnswer(parts, track, answer, dispatchedAt).catch((cause: unknown) => {
      parts.log.error({ action: call.id, cause: String(cause) }, "an answer could not be read: it is withheld");
      return withheld(undefined, [], dispatchedAt, iso(parts.ledger.now()));
    });
    return withGiven(settled, guarded);
  } finally {
    cancelled?.removeEventListener("abort", forward);
  }
}

function withGiven(settled: Settled, guarded: GuardedRelay | undefined): Settled {
  const given = guarded?.given() ?? [];
  return given.length === 0 ? settled : { ...settled, record: { ...settled.record, given } };
}

/** The last look before the wire: the lease, what is in force, the stop, and whether the caller is still there. */
function whyNotNow(parts: Parts, track: Track, writer: string, options: SubmitOptions): string | undefined {
  const { call } = track;
  // The writer of the intent, not its successor: what a fenced writer had open, others have settled as unknown.
  if (!parts.ledger.alive() || parts.ledger.writer() !== writer)
    return "this replica lost its lease before it was sent";
  if (options.signal?.aborted === true && track.fence === undefined) return "the caller went away before it was sent";
  const plane = inForce(parts);
  if (plane === undefined) return "this replica could not read what is in force before it was sent";
  const stopped = plane.stopFor({
    agent: call.caller.agent,
    workflow: call.caller.workflow,
    tool: call.tool.id,
    system: call.classified.system,
  });
  if (stopped !== undefined) return `stopped by ${stopped.by} before it was sent: ${stopped.reason}`;
  const { name } = call.classified.environment;
  if (call.tool.isPlaced?.(call.submission.args, name) !== false) return undefined;
  return `its target did not lie in \`${name}\` any more before it was sent: a link leads elsewhere`;
}

function inForce(parts: Parts): Plane | undefined {
  try {
    return parts.plane.current();
  } catch {
    return undefined;
  }
}

function withKey(track: Track) {
  const { params } = track.call.submission;
  const argument = track.call.tool.idempotencyArgument;
  if (argument === undefined) return params;
  // The action's own id, not the agent's key: at the upstream that key may be another agent's.
  return { ...params, arguments: { ...track.call.submission.args, [argument]: track.call.id } };
}

/** Propose and execute wait for the outcome to be durable; a read's outcome rides the next batch. */
async function writeOutcome(parts: Parts, track: Track, settled: Settled): Promise<void> {
  const started = parts.clock.tick();
  const isRead = track.call.classified.verb === "read";
  try {
    await recordOutcome(parts, track, settled);
    if (!isRead) parts.tally.took("outcome", parts.clock.tick() - started);
  } catch (cause) {
    parts.log.error({ action: track.call.id, cause: String(cause) }, "an outcome could not be recorded");
    if (!isRead) throw cause;
  }
}
