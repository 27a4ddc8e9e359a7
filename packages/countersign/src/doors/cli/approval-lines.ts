import type { Approval } from "@countersign/client";
import { linesAsText, type ShownMember } from "@countersign/contract";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";

type Place = (of: Approval, shell: Shell) => readonly string[];

/** The effect first, then who asks, then the raw call; the agent's own words last. */
export function approvalLines(shell: Shell, open: Approval): readonly string[] {
  const parts = [...new Set<Place>(Object.values(places))].flatMap((part) => part(open, shell));
  return [
    ...parts,
    ...(open.yours ? [] : [shell.paint.warn("this is not yours to answer")]),
    ...glassLine(open, shell),
  ];
}

function glassLine({ breakGlass, id }: Approval, shell: Shell): readonly string[] {
  if (breakGlass === undefined) return [];
  return [
    shell.paint.dim(
      `you may break the glass ${line(breakGlass.as)}: ${shell.called} approvals break-glass ${id} --reason …`,
    ),
  ];
}

/** Where each member of the document that is answered stands, in this order. */
const places = {
  undoes: headLines,
  server: headLines,
  tool: headLines,
  verb: headLines,
  target: headLines,
  environment: headLines,
  agent: headLines,
  workflow: headLines,
  onBehalfOf: headLines,
  requirements: askedLines,
  risk: riskLines,
  plan: undoLines,
  touched: ({ reach }, shell) => block(shell, "how much it touches", reach.sentence),
  flow: ({ flow }, shell) => block(shell, "what its run has read", flow?.sentence),
  before: ({ before }, shell) => block(shell, "before", before),
  args: ({ args }, shell) => block(shell, "the call", args),
  beyond: ({ beyond }, shell) => block(shell, "with the arguments", beyond),
  editOf: ({ editOf }) =>
    editOf === undefined ? [] : [`edited by ${line(editOf.by)} from ${line(editOf.action)}: ${line(editOf.reason)}`],
  claim: ({ claim }, { paint }) =>
    claim === undefined ? [] : [paint.dim("the agent says (a claim):"), `  ${line(claim)}`],
  questions: ({ questions = [] }, { paint }) =>
    questions.flatMap(({ by, number, question, reply }) => [
      `${number}. ${line(by)} asked back: ${line(question)}`,
      reply === undefined ? paint.dim("   not answered yet") : `   the agent says (a claim): ${line(reply)}`,
    ]),
  id: digestLines,
  callDigest: digestLines,
  run: digestLines,
} as const satisfies Record<ShownMember, Place>;

function block({ paint }: Shell, name: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return [paint.dim(`${name}:`), ...lines(text).map((one) => `  ${one}`)];
}

function headLines(open: Approval, { paint }: Shell): readonly string[] {
  const { undoes, onBehalfOf, frozenBy, voided } = open;
  const behalf = onBehalfOf === undefined ? "" : `, asked for by ${line(onBehalfOf)}`;
  return [
    ...(undoes === undefined
      ? []
      : [
          paint.bold(`${line(undoes.by ?? open.agent)} asks to undo ${line(undoes.action)}`),
          ...(undoes.reason === undefined ? [] : [`${line(undoes.by ?? "")} says why: ${line(undoes.reason)}`]),
        ]),
    `${paint.bold(line(`${open.server}.${open.tool}`))} (${line(open.verb)}) on ${line(open.target)} (${line(open.environment)}), for ${line(open.agent)} in ${line(open.workflow)}${behalf}`,
    ...(voided === undefined ? [] : [paint.warn(line(voided))]),
    ...effectLines(open.effect),
    ...(frozenBy === undefined ? [] : [paint.warn(`frozen by ${line(frozenBy)}: lift the stop first`)]),
  ];
}

/** Which policy asks whom, what would be enough, and who is excluded. */
function askedLines({ requirements, why }: Approval, { paint }: Shell): readonly string[] {
  return [
    ...requirements.map((one) => `asks for ${line(one.sentence)} ${paint.dim(`(policy ${line(one.policy)})`)}`),
    line(why.sentence),
    ...why.questions.flatMap(({ mayNot }) =>
      mayNot.length === 0 ? [] : [`  excluded: ${mayNot.map((one) => line(one)).join(", ")}`],
    ),
  ];
}

function digestLines(open: Approval, { paint }: Shell): readonly string[] {
  return [paint.dim(`${line(open.id)}, call ${line(open.callDigest)}, ${line(open.run)}`)];
}

function effectLines(effect: Approval["effect"]): readonly string[] {
  if (effect === undefined) return [];
  if (!effect.known) return [line(effect.reason)];
  const { changes, sentence, beside } = effect;
  return [
    line(sentence),
    ...changes.flatMap((one) => (one.kind === "text" ? linesAsText(one.lines).map((each) => `  ${line(each)}`) : [])),
    ...(beside.length === 0 ? [] : ["not in this difference, see the call:"]),
    ...beside.map((one) => `  ${line(one, Number.POSITIVE_INFINITY)}`),
  ];
}

function riskLines({ risk }: Approval, { paint }: Shell): readonly string[] {
  if (risk === undefined) return [];
  const words = risk.words.map(({ word, reason }) => `  ${line(word)}: ${line(reason)}`);
  return [risk.level === "high" ? paint.warn("risk: high") : `risk: ${risk.level}`, ...words];
}

function undoLines({ undo, plan }: Approval, shell: Shell): readonly string[] {
  if (undo.kind === "irreversible")
    return [shell.paint.warn("it cannot be undone (irreversible):"), `  ${line(undo.sentence)}`];
  if (undo.kind !== "inverse") return block(shell, "how it would be undone", undo.sentence);
  const worked =
    undo.lastWorked === null ? "no call of this tool was ever undone here" : `this last worked at ${undo.lastWorked}`;
  return [
    ...block(shell, "how it would be undone", `${undo.sentence} (${worked})`),
    ...(isCall(plan) ? block(shell, `the undo: ${line(plan.tool)} with`, plan.args) : []),
  ];
}

function isCall(plan: unknown): plan is { readonly tool: string; readonly args: unknown } {
  return typeof plan === "object" && plan !== null && "tool" in plan && typeof plan.tool === "string" && "args" in plan;
}
