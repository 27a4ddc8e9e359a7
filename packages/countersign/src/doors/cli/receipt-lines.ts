import type { ActionReceipt } from "@countersign/client";
import { askedBackSentence, type DecisionInput, type VetoFact } from "@countersign/contract";
import { resultLines } from "./actions.ts";
import { line, lines, type Paint, stateMark } from "./paint.ts";

const gap = "   ";
const labelWidth = 10;

/** The six questions on a terminal, each answered. */
export function receiptLines(
  receipt: ActionReceipt,
  paint: Paint,
  said: (text: string) => string = (text) => text,
): readonly string[] {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ["What did the agent do?", whatLines(receipt, paint)],
    ["What data did it touch?", dataLines(receipt, paint)],
    ["Which policy allowed it?", policyLines(receipt, paint)],
    ["What checks ran?", checkLines(receipt, paint)],
    ["Who approved it?", approvalLines(receipt, paint)],
    ["How do you reverse it?", reversalLines(receipt, paint, said)],
  ];
  const flags = [
    receipt.advisory ? "advisory" : "",
    receipt.disclosed ? "" : "erased",
    ...receipt.withheld.map((at) => `${at} withheld`),
  ];
  const flagged = flags.filter((flag) => flag !== "").map((flag) => `  ${paint.warn(line(flag))}`);
  return [
    `receipt ${paint.bold(receipt.id)}  ${stateMark(paint, receipt.state)}${flagged.join("")}`,
    ...(receipt.erased === undefined ? [] : [paint.warn(erasedLine(receipt.erased))]),
    ...parts.flatMap(([question, answer], at) => [
      "",
      `${paint.bold(`${at + 1}  ${titleOf(receipt, question)}`)}`,
      ...answer.map((one) => gap + one),
    ]),
  ];
}

/** What remains still verifies: who, when, which tool, and that something was recorded. */
function erasedLine({ by, at, because }: NonNullable<ActionReceipt["erased"]>): string {
  return `erased by ${line(by.join(" and "))} on ${line(at.slice(0, 10))} because ${line(because)}`;
}

function titleOf(receipt: ActionReceipt, question: string): string {
  return question === "Which policy allowed it?" && receipt.state === "refused" ? "Which policy decided it?" : question;
}

function row(paint: Paint, label: string, text: string): string {
  return `${paint.dim(label.padEnd(labelWidth))} ${text}`;
}

function block(paint: Paint, label: string, all: readonly string[]): readonly string[] {
  return all.map((one, at) => row(paint, at === 0 ? label : "", one));
}

function whatLines({ what, disclosed }: ActionReceipt, paint: Paint): readonly string[] {
  const steps = block(
    paint,
    "steps",
    what.moves.map((move) => `${move.at.slice(11, 23)}  ${stepOf(move)}`),
  );
  if (!disclosed) return [line(what.sentence), row(paint, "workflow", line(what.workflow)), ...steps];
  const behalf = what.onBehalfOf === undefined ? "" : `, for ${line(what.onBehalfOf)}`;
  const known =
    what.workload === undefined
      ? ""
      : `; known by ${line(what.workload.issuer, 300)} as ${line(what.workload.subject, 300)}`;
  return [
    line(what.sentence),
    row(paint, "workflow", `${line(what.workflow)}, tier ${what.tier}; ${line(what.dri)} answers for it`),
    row(
      paint,
      "agent",
      `${line(what.agent)}, owned by ${line(what.owner)}${behalf}; came in by ${line(what.door)}${known}`,
    ),
    ...(what.planned === false ? [row(paint, "plan", paint.warn("the run's plan does not name this step"))] : []),
    ...block(paint, "arguments", argumentLines(what.args)),
    ...(what.result === undefined
      ? []
      : block(paint, what.isError === true ? "error" : "result", resultLines(what.result, 8))),
    ...(what.undoes === undefined
      ? []
      : [
          row(paint, "undoes", `${line(what.undoes.action)}, asked for by ${line(what.undoes.by ?? what.agent)}`),
          ...(what.undoes.reason === undefined ? [] : [row(paint, "they say", line(what.undoes.reason, 300))]),
        ]),
    ...(what.editOf === undefined
      ? []
      : [row(paint, "edited", `by ${line(what.editOf.by)} from ${line(what.editOf.action)}`)]),
    ...(what.editedTo === undefined
      ? []
      : [row(paint, "edited", `by ${line(what.editedTo.by)} into ${line(what.editedTo.action)}`)]),
    ...(what.claim === undefined ? [] : [row(paint, "it claims", line(what.claim, 300))]),
    row(paint, "attempts", `${what.attempts}${what.attempts === 1 ? ": sent once" : ""}`),
    ...steps,
  ];
}

/** The kind of an entry names the state it leads to, but where it does not. */
function stepOf({ kind, from, to, person }: ActionReceipt["what"]["moves"][number]): string {
  const moved = to === null || to === from || to === kind ? "" : `, ${line(to)}`;
  const name = kind === "glass" ? "break-glass" : line(kind);
  return `${name}${moved}${person === undefined ? "" : ` by ${line(person)}`}`;
}

function argumentLines(args: unknown): readonly string[] {
  if (typeof args !== "object" || args === null || Array.isArray(args))
    return lines(JSON.stringify(args) ?? "", 8, 400);
  return Object.entries(args).flatMap(([name, value]) => {
    const all = lines(typeof value === "string" ? value.trimEnd() : JSON.stringify(value), 6, 400);
    return all.map((one, at) => (at === 0 ? `${line(name, 60)} = ${one}` : `  ${one}`));
  });
}

/** What the run had read before; of a run that nobody opened there is nothing to tell. */
function flowLines(flow: ActionReceipt["data"]["flow"], paint: Paint): readonly string[] {
  const sources = (flow?.facts as { readonly sources?: readonly unknown[] } | undefined)?.sources ?? [];
  return flow === undefined || sources.length === 0 ? [] : [row(paint, "before", line(flow.sentence, 300))];
}

function dataLines({ data, disclosed }: ActionReceipt, paint: Paint): readonly string[] {
  if (!disclosed) return [line(data.withheld ?? "")];
  if (data.direction === "none") return [`none of ${line(data.system) || "any system"}: nothing was sent`];
  return [
    ...data.resources.map((one) => `${data.direction} ${line(one)} (${line(data.system)})`),
    ...(data.labels.length === 0 ? [] : [row(paint, "labels", line(data.labels.join(", ")))]),
    ...flowLines(data.flow, paint),
    row(paint, "redacted", data.redactions === 0 ? "nothing" : `${data.redactions} passages${labelOf(data)}`),
    ...(data.withheld === undefined ? [] : [row(paint, "withheld", line(data.withheld))]),
  ];
}

function labelOf({ cut }: ActionReceipt["data"]): string {
  return cut === undefined ? "" : `, by the label \`${cut}\``;
}

function policyLines({ policy }: ActionReceipt, paint: Paint): readonly string[] {
  return [
    `${line(policy.effect)}: ${line(policy.sentence)}`,
    ...(policy.observed === undefined
      ? []
      : [row(paint, "observed", `enforcement would have said ${line(policy.observed)}`)]),
    ...policy.determining.map((one) => row(paint, one.effect, `${line(one.id)}  ${paint.dim(short(one.digest))}`)),
    ...vetoesOf(policy.input).map((one) => row(paint, "veto", vetoLine(one, paint))),
    ...policy.nearMiss.map((one) => row(paint, "came close", `${line(one.policy)}: ${line(one.sentence)}`)),
    ...(policy.policySet.digest === ""
      ? []
      : [
          row(
            paint,
            "policy set",
            `revision ${policy.policySet.revision}  ${paint.dim(short(policy.policySet.digest))}`,
          ),
        ]),
    ...(policy.inForce === undefined ? [] : [row(paint, "in force", inForceBy(policy.inForce))]),
  ];
}

/** The input is sealed with the action and comes as any JSON, so what it holds is looked at before it is shown. */
function vetoesOf(input: unknown): readonly VetoFact[] {
  const facts = (input as Partial<DecisionInput> | undefined)?.facts?.vetoes;
  return Array.isArray(facts) ? facts : [];
}

/** What an external decision point answered, and by which of its own revisions and decisions. */
function vetoLine(fact: VetoFact, paint: Paint): string {
  const of = [fact.revision, fact.decisionId].filter((one) => one !== undefined).map((one) => line(one));
  const why = fact.fault === undefined ? "" : `: ${line(fact.fault)}`;
  const digest = fact.answerDigest === undefined ? "" : `  ${short(fact.answerDigest)}`;
  const dim = paint.dim(`${duration(fact.microseconds)}${digest}`);
  return `${line(fact.veto)} (${fact.kind}) ${fact.effect}${why}${of.length === 0 ? "" : `, ${of.join(", ")}`}  ${dim}`;
}

function inForceBy({ by, signedBy, single }: NonNullable<ActionReceipt["policy"]["inForce"]>): string {
  if (signedBy !== null) return `by ${line(by)}, signed by ${line(signedBy)}`;
  return single ? `by ${line(by)} alone: an organisation of one person` : "since the first start";
}

function checkLines({ checks, disclosed }: ActionReceipt, paint: Paint): readonly string[] {
  if (!disclosed) return ["which checks ran was erased"];
  if (checks.length === 0) return ["none: it was decided before any check"];
  return checks.map((check) => {
    const mark = check.verdict === "pass" ? paint.good("pass") : paint.bad(check.verdict);
    const where = check.evidence.map((one) => `${one.rule} at ${one.pointer}`).join(", ");
    const stage = "stage" in check && check.stage === "result" ? "result" : "arguments";
    return `${mark}  ${line(check.name).padEnd(18)} ${stage.padEnd(9)} ${paint.dim(`${duration(check.microseconds).padStart(8)}  ${short(check.version)}`)}${where === "" ? "" : `  ${line(where)}`}`;
  });
}

function duration(microseconds: number): string {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  return microseconds < 1e6 ? `${(microseconds / 1000).toFixed(1)} ms` : `${(microseconds / 1e6).toFixed(1)} s`;
}

const text = (value: unknown): string => (typeof value === "string" ? line(value) : "");

function approvalLines({ approvals, what }: ActionReceipt, paint: Paint): readonly string[] {
  const back = askedBackSentence(what.moves);
  const questions = (what.questions ?? []).flatMap(({ by, question, reply }) => [
    row(paint, "asked back", `${line(question, 300)} (${line(by)})`),
    row(paint, "it claims", reply === undefined ? "nothing: it did not reply" : line(reply, 300)),
  ]);
  const isKept = (digest: string): boolean => approvals.shown.some((one) => one.shownDigest === digest);
  const answers = approvals.answers.flatMap((answer) => [
    row(
      paint,
      "how",
      `${text(answer.method)}, at ${text(answer.at).slice(11, 23)}${typeof answer.dwellMs === "number" ? `, after looking for ${duration(answer.dwellMs * 1000)}` : ""}`,
    ),
    row(
      paint,
      "was shown",
      `${paint.dim(short(text(answer.shownDigest)))}${isKept(text(answer.shownDigest)) ? "  --json has it whole" : ""}`,
    ),
    ...(text(answer.reason) === "" ? [] : [row(paint, "reason", text(answer.reason))]),
  ]);
  return [line(approvals.sentence), ...(back === undefined ? [] : [line(back)]), ...questions, ...answers];
}

function reversalLines({ reversal }: ActionReceipt, paint: Paint, said: (text: string) => string): readonly string[] {
  return [
    line(said(reversal.sentence)),
    ...(reversal.reverses === undefined ? [] : [row(paint, "undoes", line(reversal.reverses))]),
    ...(reversal.reversedBy === undefined ? [] : [row(paint, "undone by", line(reversal.reversedBy))]),
    ...(reversal.lastWorked === undefined
      ? []
      : [row(paint, "practised", `this kind last worked ${line(reversal.lastWorked)}`)]),
  ];
}

function short(digest: string): string {
  return digest.length > 23 ? `${line(digest.slice(0, 23))}…` : line(digest);
}
