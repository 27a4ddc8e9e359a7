import type { JsonObject } from "@countersign/contract";
import { fillTemplate, outcomeOf } from "../catalog/index.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import { advance, type Track } from "./advance.ts";
import { readThrough } from "./capture.ts";
import type { Parts } from "./parts.ts";
import type { DecidedRecord, OutcomeRecord } from "./record.ts";
import { trackOf } from "./resume.ts";
import { dropOpen, listOpen, settleAlert } from "./sql.ts";

/** Looks whether the deed of an unknown action happened, where its connector says how; what cannot be settled stays a question for people. */
export async function reconcile(parts: Parts, id: string): Promise<"done" | "failed" | "unknown"> {
  const subject = await readSubject(parts.db, id, parts.wrap);
  const track = trackOf(parts.plane.current(), subject);
  if (track === undefined || track.state !== "unknown") return "unknown";
  const rule = track.call.tool.reconcile;
  if (rule === undefined) return "unknown";
  const intent = subject.entries
    .map((disclosed) => disclosed.payload as DecidedRecord | null)
    .findLast((payload) => payload?.plan !== undefined);
  const scope = { args: track.call.submission.args, before: intent?.before ?? null };
  const args = fillTemplate(rule.args, scope) as JsonObject;
  const read = await readThrough(parts, track.call, { tool: rule.tool, args });
  if ("reason" in read) return "unknown";
  const outcome = outcomeOf(rule, read.result, scope);
  if (outcome === "unknown") return outcome;
  const happened = outcome === "done";
  await settleUnknownAs(parts, track, outcome, {
    kind: happened ? "answered" : "never_sent",
    reason: `a look at the target shows that it ${happened ? "happened" : "did not happen"}`,
    evidence: { tool: rule.tool, args, happened },
  });
  return outcome;
}

export async function settleUnknownAs(
  parts: Parts,
  track: Track,
  to: "done" | "failed",
  record: OutcomeRecord,
  person?: string,
): Promise<void> {
  if (track.state !== "unknown") throw new Problem("conflict", `this action is ${track.state}, not unknown`);
  const { id } = track.call;
  await advance(parts, track, [{ kind: "settled", to, payload: record, ...(person === undefined ? {} : { person }) }], {
    within: async (tx) => {
      await dropOpen(tx, id);
      await settleAlert(tx, "unknown", id);
    },
  });
}

/** A person looked and says what happened. */
export async function settleByPerson(
  parts: Parts,
  person: PersonCaller,
  id: string,
  happened: boolean,
  evidence: string,
): Promise<void> {
  const track = trackOf(parts.plane.current(), await readSubject(parts.db, id, parts.wrap));
  if (track === undefined) throw new Problem("not_found", `there is no action \`${id.slice(0, 60)}\` here`);
  if (evidence.trim() === "") throw new Problem("invalid", "say how you know", { at: "/evidence" });
  const record: OutcomeRecord = {
    kind: happened ? "answered" : "never_sent",
    reason: `${person.email} looked: it ${happened ? "happened" : "did not happen"}`,
    evidence: { person: person.email, says: evidence },
  };
  await settleUnknownAs(parts, track, happened ? "done" : "failed", record, person.email);
}

/** Tries every unknown once. */
export async function reconcileAll(parts: Parts): Promise<void> {
  for (const row of await listOpen(parts.db, ["unknown"], 200)) {
    await reconcile(parts, row.id).catch((cause: unknown) =>
      parts.log.warn({ action: row.id, cause: String(cause) }, "an unknown could not be looked up"),
    );
  }
}
