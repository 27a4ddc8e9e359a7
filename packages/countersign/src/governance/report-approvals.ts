import { recordsOf } from "../action/stored-record.ts";
import {
  type AnsweredOverTime,
  allHands,
  answeredOverTime,
  type Period,
  periodOf,
  type ReportedAction,
} from "../approvals/index.ts";
import { clockOf, endOfDay, type ZoneClock } from "../floor/local-time.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { waitsOf } from "../ledger/held-sql.ts";
import { type Decided, readSince } from "../ledger/read-since.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { type AnswerTimes, measureAnswers } from "./measure-answers.ts";
import { noteReads } from "./note-reads.ts";

export interface ReportRequest {
  /** Where the period ends; now where missing. */
  readonly untilMs?: number;
  /** Its last day (`20261225`) in the zone, instead: then the period and its parts are whole days of it. */
  readonly untilDay?: number;
  readonly partMs: number;
  readonly parts: number;
  /** Whose days count; UTC's where missing. */
  readonly zone?: string;
  readonly workflow?: string;
  /** Nobody waits for the report any more. */
  readonly signal?: AbortSignal;
}

export interface ApprovalsReport {
  readonly allHands: typeof allHands;
  readonly period: Reported;
  /** As many parts as the period, and right before it. */
  readonly before: Reported;
  /** What people answered within the period, over time. */
  readonly answers: AnsweredOverTime;
  /** How fast people answer now, whatever the period. */
  readonly answerTimes: AnswerTimes;
  /** Actions of both periods whose content was erased: whether people were asked about them is not known any more. */
  readonly erased: number;
  /** False where there are more actions than are looked at: then the oldest are missing. */
  readonly isWhole: boolean;
  readonly sentence: string;
}

type Reported = Omit<Period, "rules"> & {
  readonly rules: readonly (Period["rules"][number] & { readonly title: string | null })[];
};

const dayMs = 86_400_000;
const mostActions = 200_000;
/** Later moments have no RFC 3339 form in some time zone. */
const latestMs = Date.UTC(9999, 0, 2);
// Owned here alone: each report opens up to that many actions, so one is counted at once.
let isCounting = false;

/**
 * What people were asked, by which rule, and how many of them at once; and what went through without a person. Counted
 * from the ledger's stored decisions; who looks is in the ledger, too.
 */
export async function reportApprovals(
  control: Control,
  person: PersonCaller,
  request: ReportRequest,
): Promise<ApprovalsReport> {
  requireMay(person, "read-private", contextOf(control, aboutOf(request)));
  const { zone = "UTC" } = request;
  const clock = clockOf(zone);
  if (clock === undefined)
    throw new Problem("invalid", `there is no time zone \`${zone}\``, {
      help: "a name such as `Europe/Berlin`, or `UTC`",
      at: "/zone",
    });
  if (isCounting)
    throw new Problem("too_many", "another approvals report is being counted now, so this one was not begun", {
      help: "try again in a minute, or ask for fewer weeks",
    });
  isCounting = true;
  try {
    return await counted(control, person, request, clock);
  } finally {
    isCounting = false;
  }
}

/** Where the parts of both periods begin, and where the last one ends. */
function boundsOf(
  { untilMs, untilDay, partMs, parts }: ReportRequest,
  clock: ZoneClock,
  nowMs: number,
): readonly number[] {
  const partsBefore = Array.from({ length: 2 * parts + 1 }, (_, at) => 2 * parts - at);
  if (untilDay === undefined) return partsBefore.map((many) => (untilMs ?? nowMs) - many * partMs);
  return partsBefore.map((many) => {
    const endMs = endOfDay(clock, untilDay, Math.round((many * partMs) / dayMs));
    if (endMs !== undefined && endMs <= latestMs) return endMs;
    throw new Problem("invalid", "days before the year 100 and after the year 9998 are not counted, so nothing was", {
      help: "a day such as `2026-11-22`, or none: then the report is up to now",
      at: "/until",
    });
  });
}

async function counted(
  control: Control,
  person: PersonCaller,
  request: ReportRequest,
  clock: ZoneClock,
): Promise<ApprovalsReport> {
  const { parts, signal } = request;
  const about = aboutOf(request);
  const bounds = boundsOf(request, clock, control.parts.ledger.now());
  const [beforeMs = 0] = bounds;
  const toMs = bounds.at(-1) ?? beforeMs;
  const since = new Date(beforeMs).toISOString();
  await noteReads(control, person, { since, until: new Date(toMs).toISOString(), ...about }, "approvals report");
  const { actions, erased, isWhole } = await gather(control, { since, untilMs: toMs, ...about }, signal);
  const titles = new Map(control.keeper.loaded().policies.policies.map(({ id, title }) => [id, title ?? null]));
  const reported = (own: readonly number[]): Reported => {
    const period = periodOf(actions, own);
    return { ...period, rules: period.rules.map((rule) => ({ ...rule, title: titles.get(rule.policy) ?? null })) };
  };
  const [before, period] = [reported(bounds.slice(0, parts + 1)), reported(bounds.slice(parts))];
  const answers = answeredOverTime(actions, bounds.slice(parts), clock);
  const answerTimes = await measureAnswers(control, request.workflow);
  return { allHands, period, before, answers, answerTimes, erased, isWhole, sentence: sentenceOf(period, before) };
}

function aboutOf({ workflow }: ReportRequest): { readonly workflow?: string } {
  return workflow === undefined ? {} : { workflow };
}

async function gather(
  { parts }: Control,
  filter: { readonly since: string; readonly untilMs: number; readonly workflow?: string },
  signal: AbortSignal | undefined,
): Promise<{ readonly actions: readonly ReportedAction[]; readonly erased: number; readonly isWhole: boolean }> {
  const actions: ReportedAction[] = [];
  let erased = 0;
  let looked = 0;
  for await (const page of readSince(parts.db, filter, parts.wrap)) {
    if (signal?.aborted === true)
      throw new Problem("unavailable", "whoever asked for the report has gone, so it was not counted to its end", {
        help: "ask again",
      });
    if (looked >= mostActions) return { actions, erased, isWhole: false };
    looked += page.length;
    erased += page.filter((one) => one.erased && one.atMs < filter.untilMs).length;
    const found = page.flatMap((one) => reportedOf(one) ?? []).filter(({ action }) => action.atMs < filter.untilMs);
    const asked = found.filter(({ action }) => action.questions.length > 0).map(({ subject }) => subject);
    const waits = new Map((await waitsOf(parts.db, asked)).map((row) => [row.subject, row]));
    for (const { subject, action, edited } of found) {
      const wait = waits.get(subject);
      // A policy asked, and it was refused before anybody was: as by a check, or where too many wait already.
      if (wait === undefined) actions.push({ ...action, questions: [] });
      else if (wait.ended_ms === null) actions.push(action);
      else {
        const answeredMs = edited ? wait.ended_ms : wait.answered_ms;
        const after = (ms: number): number => Math.max(0, ms - wait.held_ms);
        const answer = answeredMs === null ? {} : { answer: { atMs: answeredMs, decideMs: after(answeredMs) } };
        actions.push({ ...action, waitedMs: after(wait.ended_ms), ...answer });
      }
    }
  }
  return { actions, erased, isWhole: true };
}

/** What the stored decisions about an action say; undefined where no policy was asked about it. */
function reportedOf(
  decided: Decided,
): { readonly subject: string; readonly action: ReportedAction; readonly edited: boolean } | undefined {
  const all = recordsOf(decided);
  const records = all.filter((record) => record?.decision !== undefined && record.input !== undefined);
  const [first] = records;
  const last = records.at(-1);
  if (first == null || last == null) return undefined;
  const questions = new Map<string, ReportedAction["questions"][number]>();
  for (const record of records)
    for (const one of record?.decision.requirements ?? []) {
      // A question that is put anew, as after the first of two answers, is the same question.
      if (one.kind !== "approval" || questions.has(one.policy)) continue;
      const people = record?.mayAnswer?.find(({ policy }) => policy === one.policy)?.people;
      const approvals = one.count - (one.raised === true ? 1 : 0);
      questions.set(one.policy, { policy: one.policy, approvals, ...(people === undefined ? {} : { people }) });
    }
  const went = last.decision.effect === "allow" && records.every((record) => record?.refusal === undefined);
  const granted = went && last.input.facts.approvals.some(({ grant }) => grant !== undefined);
  const observed = went && !granted && questions.size === 0 && last.decision.observed !== undefined;
  return {
    subject: decided.subject,
    // Somebody made another call of it, which is their answer to this one.
    edited: all.some((record) => record?.refusal === "edited"),
    action: {
      atMs: Date.parse(first.input.at),
      workflow: first.input.principal.workflow,
      writes: first.input.action.verb !== "read",
      alone: went && !granted && !observed && questions.size === 0,
      granted: granted && questions.size === 0,
      observed,
      questions: [...questions.values()],
    },
  };
}

function sentenceOf(now: Period, before: Period): string {
  const times = (many: number): string => (many === 1 ? "once" : `${many} times`);
  return [
    `people were asked ${times(now.questions)}, ${times(before.questions)} in the period before`,
    `${now.allHands} of these were all-hands, ${before.allHands} before`,
    `${now.alone} actions went through without a person because no rule asked for one, ${before.alone} before`,
    ...(now.observed + before.observed === 0
      ? []
      : [
          `${now.observed} because the rule that would have asked or denied is only observed, ${before.observed} before`,
        ]),
  ].join("; ");
}
