import { canonical, type Json } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import { isKeyRevoked } from "../identity/index.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import type { Track } from "./advance.ts";
import { approvalsOf } from "./approval-sql.ts";
import { attempt, moved, standing } from "./attempt.ts";
import { argsDigest, type Call } from "./call.ts";
import { type Standing, standingNow } from "./capacities.ts";
import { capture, promised, readCaptured, withBefore } from "./capture.ts";
import { type Claimed, claimOpen, giveBack, giveBackAsStood } from "./claim-sql.ts";
import { consider, runBaseChecks } from "./consider.ts";
import { freezeOne } from "./due-sql.ts";
import { goneTool } from "./gone-tool.ts";
import { lookIn } from "./held-for.ts";
import { hold } from "./hold.ts";
import type { OpenRow } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { endPutOff, putOff } from "./put-off.ts";
import type { CallRecord, DecidedRecord } from "./record.ts";
import { refuse } from "./refuse.ts";
import { tierUnder } from "./run-line.ts";
import { recordsOf } from "./stored-record.ts";

const claimLeaseMs = 30_000;
/** Longer than a replica takes to hear of a change. */
const staleMs = 600;
const pendingMs = 2_000;

/** Why it is looked at, where it is not taken up: it is shown to somebody, or somebody answers it. */
export type Look = "shown" | "answer";

/**
 * Takes up a held or ready action: decides it again with what people have given meanwhile, and runs it where nothing is
 * missing. Any replica may; the fence lets one through. A look alone asks anew what changed, and leaves the rest: what it
 * leaves is taken up when it would have been, and after an answer now.
 */
export async function resume(parts: Parts, id: string, look?: Look): Promise<void> {
  const row = await claimOpen(parts.db, id, parts.ledger.writer(), claimLeaseMs);
  if (row === undefined) return;
  try {
    if ((await takeUp(parts, row, look)) !== moved && look === undefined) await endPutOff(parts, row);
  } catch (thrown) {
    const again = thrown instanceof Problem && (thrown.code === "unavailable" || thrown.code === "conflict");
    const given = look === undefined ? giveBack(parts.db, row, again ? 1000 : 30_000) : giveBackAsStood(parts.db, row);
    await given.catch(() => undefined);
    if (!again) parts.log.error({ action: id, cause: String(thrown) }, "a held action could not be taken up");
  }
}

async function takeUp(parts: Parts, row: Claimed, look: Look | undefined): Promise<typeof moved | undefined> {
  const subject = await readSubject(parts.db, row.id, parts.wrap);
  const plane = parts.plane.current();
  const track = trackOf(plane, subject, row);
  if (track === undefined) throw new Problem("unavailable", "the record of this action cannot be opened");
  const { call } = track;
  if (look !== undefined && isOver(parts, plane, track, subject, row)) {
    await giveBackAsStood(parts.db, row);
    return undefined;
  }
  if (row.expires_at !== null && Date.parse(row.expires_at) <= parts.ledger.now()) {
    await refuse(parts, track, undefined, "lapsed", "nobody answered in time, so it is refused");
    return undefined;
  }
  if (plane.caller(call.caller.agent, call.caller.workflow) === undefined) {
    await refuse(parts, track, undefined, "stopped", "the agent is no longer in the workspace, or nobody owns it");
    return undefined;
  }
  if (plane.isPending?.(call.tool.id) === true) {
    await giveBack(parts.db, row, pendingMs);
    return undefined;
  }
  const gone = movedAway(plane, call, subject);
  if (gone !== undefined) {
    await refuse(parts, track, undefined, "tool", gone);
    return undefined;
  }
  const stopped = plane.stopFor({
    agent: call.caller.agent,
    workflow: call.caller.workflow,
    tool: call.tool.id,
    system: call.classified.system,
  });
  if (stopped !== undefined) {
    // What is open is frozen by a stop, not refused. Where the database knows no such stop, this replica has not yet
    // heard that it was lifted: whoever has takes the action up.
    if (!(await freezeOne(parts.db, row.id, stopped.id))) await giveBack(parts.db, row, staleMs);
    return undefined;
  }
  return decideAgain(parts, plane, track, row, look);
}

/** Whether nobody is to be asked about it any more, or not now: no look changes anything about that. */
export function isOver(
  parts: Parts,
  plane: Plane,
  { call }: Track,
  subject: Subject,
  row: Pick<OpenRow, "expires_at">,
): boolean {
  const { caller, tool, classified } = call;
  const of = { agent: caller.agent, workflow: caller.workflow, tool: tool.id, system: classified.system };
  return (
    (row.expires_at !== null && Date.parse(row.expires_at) <= parts.ledger.now()) ||
    plane.caller(caller.agent, caller.workflow) === undefined ||
    plane.isPending?.(tool.id) === true ||
    movedAway(plane, call, subject) !== undefined ||
    plane.stopFor(of) !== undefined
  );
}

/** What no approval can mend: the tool is gone, or the call would now land in another environment than was asked for. */
export function movedAway(plane: Plane, call: Call, subject: Subject): string | undefined {
  const { server, tool } = call.submission;
  if (plane.tool(server, tool) === undefined)
    return `refused: the tool \`${call.tool.id}\` is no longer in the catalog`;
  const asked = recordsOf(subject)[0]?.call?.environment;
  const now = call.classified.environment.name;
  if (asked === now) return undefined;
  return `refused: \`${call.classified.target}\` is in \`${now}\` now, and this was asked for \`${asked ?? ""}\``;
}

async function decideAgain(
  parts: Parts,
  plane: Plane,
  track: Track,
  row: Claimed,
  look: Look | undefined,
): Promise<typeof moved | undefined> {
  const [asked, given, checks] = await Promise.all([
    withKeyAsNow(parts, track.call),
    approvalsOf(parts.db, track.call.id),
    runBaseChecks(parts, track.call),
  ]);
  const failed = checks.find((check) => check.verdict !== "pass");
  // What is refused has nothing read for it.
  const captured = failed === undefined ? await capture(parts, asked) : readCaptured;
  if (look !== undefined && captured.unreached === true) return void (await giveBackAsStood(parts.db, row));
  const call = withBefore(asked, captured);
  const seen: Track = Object.assign(track, { call });
  const approvals = standingNow(plane, call.caller.workflow, given, standingOf(row));
  const reversal = failed === undefined ? captured.reversal : promised(call);
  const known = { approvals, checks, reversal, captured: failed === undefined };
  const considered = await consider(parts, plane, call, known, "resume");
  if (look !== undefined && (considered.effect !== "require" || failed !== undefined))
    return void (await (look === "answer" ? giveBack(parts.db, row, 0) : giveBackAsStood(parts.db, row)));
  if (considered.effect === "deny")
    return void (await refuse(parts, seen, considered, "policy", considered.decision.sentence));
  if (failed !== undefined)
    return void (await refuse(parts, seen, considered, "check", `refused: check \`${failed.name}\` did not pass`));
  if (considered.effect === "allow" && call.keyRevoked === true && standing(considered) === 0)
    return void (await refuse(parts, seen, considered, "stopped", keyRevoked));
  if (considered.effect === "allow") {
    const ended = await attempt(parts, seen, plane, considered, captured, {});
    if (ended !== moved) return undefined;
    await putOff(parts, row);
    return moved;
  }
  const same =
    row.call_digest === considered.callDigest &&
    canonical(row.requirements as unknown as Json) === canonical(considered.decision.requirements as unknown as Json);
  const { lookInMs } = lookIn(considered.decision.requirements, parts.ledger.now());
  if (same)
    return void (await (look === undefined
      ? giveBack(parts.db, row, lookInMs ?? null)
      : giveBackAsStood(parts.db, row)));
  await hold(parts, seen, plane, considered, captured, []);
  return undefined;
}

const keyRevoked =
  "refused: the key that it was asked for with was revoked while it waited, and nobody is asked about it; ask again with a live key";

/** Read from the database each time: what was revoked elsewhere a moment ago is not in this replica's memory yet. */
export async function withKeyAsNow(parts: Parts, call: Call): Promise<Call> {
  return (await isKeyRevoked(parts.db, call.caller.credential)) ? { ...call, keyRevoked: true } : call;
}

export function standingOf({ requirements, stand_ins: people }: Pick<OpenRow, "requirements" | "stand_ins">): Standing {
  return { people, inPlaceOf: requirements.flatMap((one) => (one.kind === "approval" ? [one.from] : [])) };
}

/** An action as its ledger entries have it, ready to move on under the fence that was taken. */
export function trackOf(plane: Plane, subject: Subject, row?: Pick<OpenRow, "fence">): Track | undefined {
  const last = subject.entries.at(-1);
  const record = recordsOf(subject)[0];
  const first = subject.entries[0];
  if (subject.key === null || last === undefined || first === undefined || record?.call === undefined) return undefined;
  const tool = plane.tool(record.call.server, record.call.tool) ?? goneTool(record.call);
  const call: Call = {
    id: subject.subject,
    caller: callerOf(plane, record.call, first.entry.agent ?? "", first.entry.workflow ?? "", record),
    submission: {
      server: record.call.server,
      tool: record.call.tool,
      method: record.call.method,
      params: record.call.params,
      args: record.call.args,
      door: record.call.door as Call["submission"]["door"],
      ...(record.call.idempotencyKey === undefined ? {} : { idempotencyKey: record.call.idempotencyKey }),
    },
    tool,
    classified: tool.classify(record.call.args),
    run: record.call.run,
    argsDigest: argsDigest(record.call.args),
    at: first.entry.at,
    ...(record.call.reverses === undefined ? {} : { reverses: record.call.reverses }),
    ...(record.call.undoes === undefined ? {} : { undoes: record.call.undoes }),
    ...(record.call.edit === undefined ? {} : { edit: record.call.edit }),
  };
  return {
    call,
    key: subject.key,
    state: last.entry.to_state as Track["state"],
    step: last.entry.step + 1,
    ...(row === undefined ? {} : { fence: row.fence }),
  };
}

/** Who asked, with what is in force for them now: a tier or owner that changed meanwhile counts as changed. */
function callerOf(plane: Plane, call: CallRecord, agent: string, workflow: string, record: DecidedRecord): Caller {
  const now = plane.caller(agent, workflow);
  return {
    kind: "agent",
    agent,
    owner: now?.owner ?? call.owner,
    workflow,
    dri: now?.dri ?? call.dri,
    tier: tierUnder(plane, { tier: now?.tier ?? 0 }, call.run),
    groups: now?.groups ?? record.input.principal.groups,
    credential: call.credential,
    ...(call.workload === undefined ? {} : { workload: call.workload }),
    ...(call.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    ...(call.vouchedBy === undefined ? {} : { vouchedBy: call.vouchedBy }),
  };
}
