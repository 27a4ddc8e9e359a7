import type { DecisionInput, Requirement } from "@countersign/contract";
import { ranks } from "../approvals/index.ts";
import { noteAsked, noteTarget } from "../approvals/queue-sql.ts";
import { Problem } from "../floor/problem.ts";
import type { Claim } from "../ledger/sql.ts";
import { askedWords, excluded, flowReason } from "../policy/index.ts";
import { advance, type Track } from "./advance.ts";
import { callDigest } from "./call.ts";
import type { Captured } from "./capture.ts";
import { holdsFence } from "./claim-sql.ts";
import type { Considered } from "./consider.ts";
import { heldForMs, lookIn } from "./held-for.ts";
import { putOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { withoutReason } from "./questions.ts";
import { callRecord, type DecidedRecord, leanDecision } from "./record.ts";
import { openValues } from "./settle.ts";
import { toStored } from "./stored-record.ts";
import { weighRisk } from "./weigh-risk.ts";

/** Parks an action until people or time give what it needs. Nothing is reserved and nothing runs meanwhile. */
export async function hold(
  parts: Parts,
  track: Track,
  plane: Plane,
  considered: Considered,
  captured: Captured,
  claims: readonly Claim[],
): Promise<void> {
  const { call } = track;
  await parts.at("before_hold", call.id);
  const { requirements } = considered.decision;
  const digest = callDigest(call);
  const { risk, target } = await weighRisk(parts, call, considered, captured.plan);
  const record: DecidedRecord = {
    ...(track.step === 0 ? { call: callRecord(call, digest) } : {}),
    input: considered.input,
    decision: leanDecision(considered.decision),
    checks: considered.checks,
    ...(captured.before === undefined ? {} : { before: captured.before }),
    ...(captured.since === undefined ? {} : { since: captured.since }),
    plan: captured.plan,
    ...mayAnswer(plane, considered.input, requirements),
    risk,
    revision: considered.revision,
  };
  const sentence = heldSentence(plane, considered.input, requirements);
  const nowMs = parts.ledger.now();
  const open = {
    ...openValues(track, "held", sentence, track.step),
    callDigest: digest,
    requirements,
    openMs: heldForMs(requirements, nowMs),
    ...lookIn(requirements, nowMs),
    asked: {
      from: askedFrom(requirements),
      risk,
      rank: ranks[risk.level],
      ...(call.caller.onBehalfOf === undefined ? {} : { onBehalfOf: call.caller.onBehalfOf }),
      ...(call.caller.vouchedBy === undefined ? {} : { vouchedBy: call.caller.vouchedBy }),
      ...(call.undoes === undefined ? {} : { undoes: withoutReason(call.undoes) }),
    },
  };
  const fence = track.fence;
  await advance(parts, track, [{ kind: "held", to: "held", payload: toStored(record, call.submission.args) }], {
    ...(claims.length === 0 ? {} : { claims }),
    within: async (tx) => {
      if (fence !== undefined && !(await holdsFence(tx, call.id, fence)))
        throw new Problem("conflict", "another replica took this action over");
      await putOpen(tx, open);
      if (open.asked.from.length > 0) await noteAsked(tx, call.id, call.caller.workflow, open.asked.from);
      await noteTarget(tx, target, call.id);
      await tx.query("select pg_notify('countersign_held', $1)", [call.id]);
    },
  });
  await parts.at("after_hold", call.id);
}

/** How many people could answer each question, for whoever counts later how many were asked. */
function mayAnswer(
  plane: Plane,
  input: DecisionInput,
  requirements: readonly Requirement[],
): Pick<DecidedRecord, "mayAnswer"> {
  const mayAnswer = requirements.flatMap((one) =>
    one.kind === "approval" ? [{ policy: one.policy, people: whoMay(plane, input, one).length }] : [],
  );
  return mayAnswer.length === 0 ? {} : { mayAnswer };
}

/** Who may answer a question: whom it asks, without whom it excludes. */
function whoMay(plane: Plane, { principal }: DecisionInput, { from, exclude }: Asking): readonly string[] {
  const not = new Set(excluded(exclude, principal).map((one) => one.toLowerCase()));
  return plane.asked(from, principal.workflow).filter((one) => !not.has(one.toLowerCase()));
}

type Asking = Extract<Requirement, { kind: "approval" }>;

/** Whom the open questions are asked of, each once. */
function askedFrom(requirements: readonly Requirement[]): readonly string[] {
  return [...new Set(requirements.flatMap((one) => (one.kind === "approval" ? [one.from] : [])))];
}

/** The shipped policy that asks before an undo takes away what others did since. */
const undoChanged = "undo-changed";

/** What the agent is told while it waits: what is missing and who can give it. Who may not is not named. */
function heldSentence(plane: Plane, input: DecisionInput, requirements: readonly Requirement[]): string {
  const { principal } = input;
  const parts = requirements.map((requirement) => {
    if (requirement.kind !== "approval") return requirement.sentence;
    const { from, count } = requirement;
    const asked = plane.asked(from, principal.workflow);
    const people = whoMay(plane, input, requirement);
    const words = askedWords(from);
    const who =
      people.length === 0
        ? `${words}, ${asked.length === 0 ? "which is nobody now" : "of whom nobody may give it"}`
        : people[0] === from
          ? from
          : `${people.join(", ")} (${words})`;
    return `${count === 1 ? "an approval" : `${count} approvals`} from ${who}`;
  });
  const reason = flowReason(
    requirements.map(({ policy }) => policy),
    input,
  );
  const changed = requirements.some(({ policy }) => policy === undoChanged);
  const since = changed ? ", since what it would undo changed, or nobody can tell whether it did" : "";
  return `held: it needs ${parts.join(" and ")}${reason}${since}`;
}
