import type { Requirement } from "@countersign/contract";
import type { AnswerRecord } from "../action/approvals.ts";
import { effectOf, grantedCallOf } from "../action/index.ts";
import { type ActionRecord, recordsOf } from "../action/stored-record.ts";
import { kindOf, type Past } from "../approvals/index.ts";
import type { Subject } from "../ledger/read.ts";

type Approval = Extract<Requirement, { kind: "approval" }>;

/** A request that people were asked about, with what would have to be written for its policies to take grants. */
export type Asked = Past & { readonly requirements: readonly Approval[] };

/** What the record of an action says of whether people are needed for calls like it; undefined where they were not asked, or it was erased. */
export function askedOf(subject: Subject): Asked | undefined {
  const records = recordsOf(subject);
  const given = grantedCallOf(subject);
  // The first decision is made before the state of the target is read.
  const asking = records.findLast((one) => approvalsIn(one).length > 0);
  const held = subject.entries.find(({ entry }) => entry.to_state === "held")?.entry;
  if (given === undefined || asking?.decision === undefined || held === undefined) return undefined;
  const { record, ...call } = given;
  const requirements = approvalsIn(asking);
  const effect = effectOf({ ...asking, tool: record.tool, args: record.args });
  const answers = subject.entries.flatMap(({ payload }) => (payload as { answer?: AnswerRecord } | null)?.answer ?? []);
  const approved = answers.filter(({ verdict }) => verdict === "approve");
  const left = subject.entries.find(({ entry }) => entry.from_state === "held" && entry.to_state !== "held")?.entry;
  const atMs = Date.parse(held.at);
  const dwells = approved.flatMap(({ dwellMs }) => dwellMs ?? []);
  return {
    action: subject.subject,
    atMs,
    // Whatever the text of the policy was then: what people said is about the call.
    kind: kindOf({ ...call, requirements: requirements.map((one) => ({ ...one, policyDigest: "" })) }, effect),
    call,
    was: wasOf(subject, records, asking, requirements, approved),
    people: [...new Set(approved.map(({ person }) => person))],
    lookedMs: dwells.length === 0 ? null : dwells.reduce((sum, one) => sum + one, 0),
    waitedMs: left === undefined ? 0 : Math.max(0, Date.parse(left.at) - atMs),
    requirements,
  };
}

/** Whose call, under which workflow and of which tool, as its entries say it in clear. */
export interface ClearCall {
  readonly agent: string;
  readonly workflow: string;
  /** `server.tool`. */
  readonly tool: string;
}

const endedBadly = new Set(["refused", "failed", "unknown", "reversed"]);

/** An erased request that speaks against calls like it, or may: what stands in clear still says that much. */
export function erasedAgainst({ key, entries }: Subject): ClearCall | undefined {
  const [first] = entries;
  if (key !== null || first === undefined) return undefined;
  const isAgainst = entries.some(
    ({ entry: { kind, to_state } }) => kind === "denied" || (to_state !== null && endedBadly.has(to_state)),
  );
  const { agent, workflow, tool } = first.entry;
  return isAgainst && agent !== null && workflow !== null && tool !== null ? { agent, workflow, tool } : undefined;
}

function approvalsIn(record: ActionRecord | null | undefined): readonly Approval[] {
  return (record?.decision?.requirements ?? []).filter((one): one is Approval => one.kind === "approval");
}

function wasOf(
  { entries }: Subject,
  records: ReturnType<typeof recordsOf>,
  asking: ActionRecord,
  requirements: readonly Approval[],
  approved: readonly AnswerRecord[],
): Past["was"] {
  const call = records[0]?.call;
  const states = entries.map(({ entry }) => entry.to_state);
  const state = states.findLast((one) => one !== null);
  const because = (against: string): Past["was"] => ({ against });
  // An undo is asked for by a person, and belongs to its deed.
  if (call === undefined || call.reverses !== undefined) return "no evidence";
  const refusal = records.findLast((one) => one?.refusal !== undefined)?.refusal;
  if (entries.some(({ entry }) => entry.kind === "denied")) return because("it was denied");
  if (refusal === "edited" || call.edit !== undefined) return because("somebody edited it");
  if (refusal === "lapsed") return because("nobody answered it");
  if (states.includes("unknown")) return because("what it did was not known");
  if (state === "reversed") return because("it was reversed");
  const failed = records.some((one) => one?.isError === true || one?.kind === "error");
  if (state === "failed" || failed) return because("it failed");
  if (approved.some(({ skimmed }) => skimmed === true)) return because("it was approved after too short a look");
  const risky = whyAsked(call, asking, requirements);
  if (risky !== undefined) return because(risky);
  if (state === "held") return "open";
  // Whoever approved it from a list, or beforehand, did not look at this one.
  const looked = approved.filter(({ batch }) => batch === undefined || batch.opened);
  return state === "done" && looked.length > 0 ? "clean" : "no evidence";
}

/** Why calls like it are asked about each time, whatever people said so far. */
function whyAsked(
  { production, verb }: NonNullable<ActionRecord["call"]>,
  { plan, risk }: ActionRecord,
  requirements: readonly Approval[],
): string | undefined {
  if (production) return "it is in production";
  if ((risk?.level ?? "high") === "high") return "its risk is high";
  if (verb !== "read" && plan?.kind !== "inverse") return "nothing undoes it";
  return requirements.some(({ passkey }) => passkey === true) ? "it takes a passkey" : undefined;
}
