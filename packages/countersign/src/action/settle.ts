import { type CheckFact, canonical, type Json, type JsonObject } from "@countersign/contract";
import { settleWindows } from "../costs/sql.ts";
import type { Tx } from "../db/db.ts";
import type { Answer } from "../execution/connector.ts";
import { iso } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import { newId } from "../floor/id.ts";
import type { Sealed } from "../ledger/entry.ts";
import { readSubject } from "../ledger/read.ts";
import { advance, type Track } from "./advance.ts";
import { openAlert } from "./alert-sql.ts";
import { type Call, namesOf, undoNames } from "./call.ts";
import { keepClaims } from "./claim-sql.ts";
import { dropOpen, putOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import type { OutcomeRecord } from "./record.ts";
import { withoutLabelled } from "./without-labelled.ts";

/** Results above this many characters of canonical text are recorded by digest and size, not in full. */
export const maxRecordedChars = 262_144;

export interface Settled {
  readonly record: OutcomeRecord;
  /** How long the answer is, as canonical text. */
  readonly chars?: number;
  /** What the agent may have: the answer without its secrets. */
  readonly release?: { readonly result: Json } | { readonly error: Json };
}

/** Reads an answer: what happened for certain, what of it may be released, and what the record says. */
export async function readAnswer(parts: Parts, track: Track, answer: Answer, dispatchedAt: string): Promise<Settled> {
  const answeredAt = iso(parts.ledger.now());
  if (answer.kind === "never_sent" || answer.kind === "lost") {
    const reason = String(parts.checking.redact(answer.reason).value);
    return { record: { kind: answer.kind, reason, dispatchedAt, answeredAt } };
  }
  const raw = (answer.kind === "answered" ? answer.result : answer.error) as Json;
  const text = canonical(raw);
  const digest = digestText(text);
  const { server } = track.call.submission;
  const most = parts.plane.current().maxResultBytes?.(server) ?? Number.POSITIVE_INFINITY;
  if (Buffer.byteLength(text) > most) return tooLarge(answer, digest, text.length, most, { dispatchedAt, answeredAt });
  const checks = await parts.checking.run(resultChecks(track, answer), {
    stage: "result",
    server: track.call.submission.server,
    tool: track.call.submission.tool,
    ...(track.call.tool.definition.outputSchema === undefined
      ? {}
      : { schema: track.call.tool.definition.outputSchema }),
    value: raw,
    digest,
    at: answeredAt,
  });
  const broken = checks.find((check) => check.name === "secrets" && check.verdict === "error");
  if (broken !== undefined) return withheld(digest, checks, dispatchedAt, answeredAt);
  const clean = await withoutLabelled(parts, track, answer.kind, parts.checking.redact(raw));
  const kept =
    text.length <= maxRecordedChars ? clean.value : { countersign: "not kept: too large", chars: text.length };
  const { count: redactions, cut } = clean;
  const base = {
    resultDigest: digest,
    redactions,
    ...(cut === undefined ? {} : { cut }),
    // Where it was not of its type may be told by the names of what was cut.
    checks: cut === undefined ? checks : checks.map((check) => ({ ...check, evidence: [] })),
    dispatchedAt,
    answeredAt,
  };
  if (answer.kind === "error")
    return { record: { kind: "error", error: kept, ...base }, chars: text.length, release: { error: clean.value } };
  const isError = (answer.result as JsonObject).isError === true;
  return {
    record: { kind: "answered", result: kept, isError, ...base },
    chars: text.length,
    release: { result: clean.value },
  };
}

function resultChecks(track: Track, answer: Answer): string[] {
  const typed =
    answer.kind === "answered" &&
    track.call.tool.definition.outputSchema !== undefined &&
    "structuredContent" in answer.result;
  return typed ? ["secrets", "schema"] : ["secrets"];
}

/** A result that could not be checked does not reach the agent. */
export function withheld(
  digest: string | undefined,
  checks: readonly CheckFact[],
  dispatchedAt: string,
  answeredAt: string,
): Settled {
  const reason = "the result could not be checked for secrets and is withheld";
  const result = { content: [{ type: "text", text: `it ran, and its result is withheld: ${reason}` }], isError: true };
  return {
    record: {
      kind: "answered",
      result,
      isError: true,
      ...(digest === undefined ? {} : { resultDigest: digest }),
      withheld: reason,
      checks,
      dispatchedAt,
      answeredAt,
    },
    release: { result },
  };
}

/** It ran as it said; nobody has what it said. */
function tooLarge(
  answer: Extract<Answer, { readonly kind: "answered" | "error" }>,
  resultDigest: string,
  chars: number,
  most: number,
  times: Pick<OutcomeRecord, "dispatchedAt" | "answeredAt">,
): Settled {
  const reason = `the result has more than ${most} bytes, the limit of its tools file, and is withheld`;
  const result = { content: [{ type: "text", text: `it ran: ${reason}; ask for less` }], isError: true };
  const isError = answer.kind === "error" || (answer.result as JsonObject).isError === true;
  return {
    record: { kind: "answered", result, isError, resultDigest, withheld: reason, checks: [], ...times },
    chars,
    release: { result },
  };
}

/** Writes the outcome of a dispatched action. */
export async function settle(parts: Parts, track: Track, settled: Settled): Promise<void> {
  const { record } = settled;
  const held = track.fence !== undefined;
  if (record.kind === "lost") return settleUnknown(parts, track, record);
  const to = record.kind === "never_sent" || record.kind === "stopped" ? "failed" : "done";
  // A limit that was put in force while it ran may hold it, too.
  const counted = track.counted === true || to === "failed";
  const isError = record.isError === true || record.error !== undefined;
  const isGood = to === "done" && !isError;
  const also = isGood ? await reversedEntries(parts, track) : [];
  const releases = isGood ? [] : undoNames(track.call);
  const gone = async (tx: Tx): Promise<void> => {
    if (held) await endOpen(tx, track.call);
    if (counted) await settleWindows(tx, track.call.id, to === "failed" ? "failed" : isError ? "error" : "done");
  };
  await advance(parts, track, [{ kind: "outcome", to, payload: record }], {
    also,
    releases,
    ...(held || counted ? { within: gone } : {}),
  });
}

/** It was open and has an outcome: whoever asks for the same again gets that. */
export async function endOpen(tx: Tx, call: Call): Promise<void> {
  await dropOpen(tx, call.id);
  await keepClaims(tx, call.id, namesOf(call));
}

/** Where this action is an undo that ran: the other one becomes `reversed` in the same write. */
export async function reversedEntries(parts: Parts, track: Track): Promise<Sealed[]> {
  const { reverses } = track.call;
  if (reverses === undefined) return [];
  const other = await readSubject(parts.db, reverses, parts.wrap);
  const last = other.entries.at(-1)?.entry;
  if (other.key === null || last === undefined || last.to_state !== "done") return [];
  return [
    other.key.seal({
      subject: reverses,
      step: last.step + 1,
      kind: "reversed",
      from: "done",
      to: "reversed",
      agent: last.agent ?? "",
      workflow: last.workflow ?? "",
      tool: last.tool ?? "",
      run: last.run ?? "",
      payload: { by: track.call.id },
    }),
  ];
}

/** The connector was called and we do not know: it is shown to people, and never sent again. A read has no effect to ask about. */
async function settleUnknown(parts: Parts, track: Track, record: OutcomeRecord): Promise<void> {
  const { call } = track;
  const read = call.classified.verb === "read";
  await advance(parts, track, [{ kind: "unknown", to: "unknown", payload: record }], {
    within: async (tx) => {
      if (read) return dropOpen(tx, call.id);
      await putOpen(tx, openValues(track, "unknown", `did it happen? ${record.reason ?? ""}`, track.step));
      await openAlert(
        tx,
        newId("gov", parts.clock.now()),
        "unknown",
        call.id,
        `the outcome of ${call.tool.id} on ${call.classified.target} is unknown`,
      );
    },
  });
}

export function openValues(
  track: Track,
  state: "held" | "ready" | "running" | "unknown",
  sentence: string,
  step: number,
) {
  const { call } = track;
  return {
    id: call.id,
    state,
    step,
    agent: call.caller.agent,
    workflow: call.caller.workflow,
    run: call.run.id,
    server: call.submission.server,
    tool: call.submission.tool,
    system: call.classified.system,
    verb: call.classified.verb,
    target: call.classified.target,
    environment: call.classified.environment.name,
    callDigest: "",
    requirements: [],
    sentence,
  } as const;
}
