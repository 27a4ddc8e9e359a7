import type { AlertKind } from "@countersign/contract";
import { openAlert, settleAlert, settleOthers } from "../action/alert-sql.ts";
import { overdueGlass } from "../approvals/glass-sql.ts";
import { preservationsEnding } from "../erasure/index.ts";
import { newId } from "../floor/id.ts";
import type { SequencerStatus } from "../ledger/sequence.ts";
import { deadLately } from "../notify/index.ts";
import { modeAt } from "../workflows/index.ts";
import type { Control } from "./control.ts";
import { measureAnswers } from "./measure-answers.ts";
import { budgetUse, unsequenced } from "./sql.ts";
import type { UnprovenTool } from "./tool-proof.ts";

interface Finding {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly sentence: string;
}

const dayMs = 86_400_000;
/** A waiver or a legal hold that ends within this time is told of. */
const waiverNoticeMs = 3 * dayMs;
const longestSkewMs = 2_000;
/** Entries older than this that no checkpoint covers mean that the log stands still. */
const stalledMs = 30_000;

/** How long people are told of decisions that no collector got. */
const lossNoticeMs = 3_600_000;

/** What another replica, or this one before its start, told of and is over: these are measured anew each time. */
const measured = ["answers-late", "answers-at-risk"] as const;
/** Every replica finds these alike, and settles what it knows of; who knows of nothing yet, what was told before its start. */
const shared = [
  "waiver",
  "budget",
  "orphan",
  "notice",
  "preservation",
  "glass-overdue",
  "invariants-unproven",
] as const;

/** Looks at everything that people should know before it hurts; opens what is new and settles what is over. */
export async function raiseAlerts(control: Control, log: SequencerStatus, known: Map<string, Finding>): Promise<void> {
  const { db, clock } = control.parts;
  const found = new Map((await findings(control, log)).map((one) => [`${one.kind}|${one.subject}`, one]));
  const isNew = known.size === 0;
  for (const [name, one] of found) {
    if (known.get(name)?.sentence === one.sentence || (known.has(name) && one.kind !== "invariants-unproven")) continue;
    if (known.has(name)) await settleAlert(db, one.kind, one.subject);
    await openAlert(db, newId("gov", clock.now()), one.kind, one.subject, one.sentence);
    control.parts.log.warn({ kind: one.kind, subject: one.subject }, one.sentence);
    known.set(name, one);
  }
  for (const [name, one] of known) {
    if (found.has(name)) continue;
    await settleAlert(db, one.kind, one.subject);
    known.delete(name);
  }
  await settleOthers(db, "observed", observing(control));
  for (const kind of isNew ? [...measured, ...shared] : measured)
    await settleOthers(
      db,
      kind,
      [...found.values()].flatMap((one) => (one.kind === kind ? [one.subject] : [])),
    );
}

/** Workflows that are only observed now, or in which a rule is: the alert about what passed there stands. */
function observing({ keeper, parts }: Control): readonly string[] {
  const { workspace, policies } = keeper.loaded();
  const workflows = workspace?.workflows ?? [];
  const isAny = policies.policies.some(({ mode }) => mode === "observe");
  return workflows.flatMap((one) => (isAny || modeAt(one, parts.ledger.now()) === "observe" ? [one.name] : []));
}

async function findings(control: Control, log: SequencerStatus): Promise<readonly Finding[]> {
  const { parts, keeper } = control;
  const { waivers, workspace, directory, unproven } = keeper.loaded();
  const channels = workspace?.organisation.notifications ?? [];
  const nowMs = parts.ledger.now();
  const found: Finding[] = [];
  if (log.alarm !== null) found.push({ kind: "log", subject: "log", sentence: `the log has stopped: ${log.alarm}` });
  const { fault, lost = 0, lostAtMs } = parts.decisionLog?.status() ?? {};
  if (lostAtMs !== undefined && parts.clock.tick() - lostAtMs < lossNoticeMs) {
    const why = fault === undefined ? "" : `: ${fault}`;
    const sentence = `${lost} decisions were not sent to the collector of decision logs, and are lost to it${why}`;
    found.push({ kind: "log", subject: "decision-log", sentence });
  }
  const behindMs = await unsequenced(parts.db);
  if (behindMs > stalledMs) {
    found.push({
      kind: "log",
      subject: "sequencer",
      sentence: `no checkpoint for ${Math.round(behindMs / 1000)} s although entries wait`,
    });
  }
  for (const anchor of log.anchors) {
    if (anchor.fault !== null)
      found.push({
        kind: "anchor",
        subject: anchor.name,
        sentence: `the anchor does not take checkpoints: ${anchor.fault}`,
      });
  }
  for (const waiver of waivers) {
    const left = Date.parse(waiver.until) - nowMs;
    if (left > 0 && left < waiverNoticeMs) {
      found.push({
        kind: "waiver",
        subject: waiver.id,
        sentence: `tier ${waiver.tier} of ${waiver.agent} in ${waiver.workflow} ends ${waiver.until}`,
      });
    }
  }
  for (const { id, scope, name, until } of await preservationsEnding(parts.db, waiverNoticeMs)) {
    const sentence = `the legal hold on ${scope} ${name} ends ${until}: what it kept may be erased from then on`;
    found.push({ kind: "preservation", subject: id, sentence });
  }
  for (const { id, action, person, due_at: due } of await overdueGlass(parts.db)) {
    const sentence = `${person} broke the glass over ${action}, and nobody has reviewed it by ${due}`;
    found.push({ kind: "glass-overdue", subject: id, sentence });
  }
  for (const { channel, count, fault } of channels.length === 0 ? [] : await deadLately(parts.db)) {
    const sentence = `${count} notices of the last hour did not reach \`${channel}\` and are dead letters: ${fault}`;
    found.push({ kind: "notice", subject: channel, sentence });
  }
  if (Math.abs(parts.ledger.skewMs()) > longestSkewMs) {
    found.push({
      kind: "clock",
      subject: "clock",
      sentence: `this machine's clock differs from the database's by ${Math.round(parts.ledger.skewMs())} ms`,
    });
  }
  found.push(...unprovenTools([...unproven.values()]));
  found.push(...(await lateAnswers(control)));
  for (const agent of directory.agents.values()) {
    if (!directory.people.has(agent.owner)) {
      found.push({
        kind: "orphan",
        subject: agent.name,
        sentence: `agent ${agent.name} is frozen: its owner ${agent.owner} is gone`,
      });
    }
  }
  for (const workflow of workspace?.workflows ?? []) {
    const { perDay } = parts.plane.current().limits(workflow.name);
    const share = workflow.budget.alert;
    if (perDay === undefined) continue;
    const taken = await budgetUse(parts.db, `day:${workflow.name}`, new Date(nowMs - (nowMs % dayMs)).toISOString());
    if (taken >= perDay * share) {
      found.push({
        kind: "budget",
        subject: workflow.name,
        sentence: `${workflow.name} has taken ${taken} of its ${perDay} calls of today`,
      });
    }
  }
  return found;
}

/** Workflows whose people do not answer as fast as the workspace wants, or soon will not. */
async function lateAnswers(control: Control): Promise<readonly Finding[]> {
  if (control.keeper.loaded().workspace?.organisation.approvals?.answerWithin === undefined) return [];
  const { workflows } = await measureAnswers(control);
  return workflows.flatMap(({ workflow, state, sentence }) => {
    if (state !== "missed" && state !== "at_risk") return [];
    const kind = state === "missed" ? "answers-late" : "answers-at-risk";
    return [{ kind, subject: workflow, sentence: `the time in which people answer in ${workflow} is ${sentence}` }];
  });
}

const mostNamed = 20;

/** One for each server: its tools that came after the rules were proven, and why they stay out of force. */
function unprovenTools(unproven: readonly UnprovenTool[]): readonly Finding[] {
  const servers = new Map<string, UnprovenTool[]>();
  for (const one of unproven) {
    if (one.why === undefined) continue;
    const server = one.tool.slice(0, one.tool.indexOf("."));
    servers.set(server, [...(servers.get(server) ?? []), one]);
  }
  return [...servers].map(([server, tools]) => {
    const names = tools.slice(0, mostNamed).map(({ tool }) => `\`${tool}\``);
    const more = tools.length > mostNamed ? ` and ${tools.length - mostNamed} more` : "";
    const sentence = `${names.join(", ")}${more} of \`${server}\` stay out of force, because what is in force is not proven with them: ${tools[0]?.why}`;
    return { kind: "invariants-unproven", subject: server, sentence: sentence.slice(0, 2000) };
  });
}
