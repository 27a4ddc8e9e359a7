import type { Approval } from "@countersign/client";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";

/** The effect first, then who asks, then the raw call; the agent's own words last. */
export function approvalLines(shell: Shell, open: Approval): readonly string[] {
  const { bold, dim, warn } = shell.paint;
  const block = (name: string, value: unknown): readonly string[] =>
    value === undefined
      ? []
      : [
          dim(`${name}:`),
          ...lines(typeof value === "string" ? value : JSON.stringify(value, null, 2)).map((one) => `  ${one}`),
        ];
  return [
    `${bold(line(`${open.server}.${open.tool}`))} on ${line(open.target)} (${line(open.environment)}), for ${line(open.agent)} in ${line(open.workflow)}${open.onBehalfOf === undefined ? "" : `, asked for by ${line(open.onBehalfOf)}`}`,
    ...effectLines(open.effect),
    ...open.requirements.map((one) => `asks for ${line(one.sentence)}`),
    line(open.why.sentence),
    ...(open.frozenBy === undefined ? [] : [warn(`frozen by ${line(open.frozenBy)}: lift the stop first`)]),
    ...riskLines(open, warn),
    ...block("how it would be undone", undoOf(open)),
    ...block("how much it touches", open.reach.sentence),
    ...block("what its run has read", open.flow?.sentence),
    ...block("before", open.before),
    ...block("the call", open.args),
    ...block("with the arguments", open.beyond),
    ...(open.editOf === undefined
      ? []
      : [`edited by ${line(open.editOf.by)} from ${line(open.editOf.action)}: ${line(open.editOf.reason)}`]),
    ...(open.claim === undefined ? [] : [dim("the agent says (a claim):"), `  ${line(open.claim)}`]),
    ...(open.questions ?? []).flatMap(({ by, number, question, reply }) => [
      `${number}. ${line(by)} asked back: ${line(question)}`,
      reply === undefined ? dim("   not answered yet") : `   the agent says (a claim): ${line(reply)}`,
    ]),
    dim(`call ${line(open.callDigest)}, ${line(open.run)}`),
    ...(open.yours ? [] : [warn("this is not yours to answer")]),
  ];
}

function effectLines(effect: Approval["effect"]): readonly string[] {
  if (effect === undefined) return [];
  if (!effect.known) return [line(effect.reason)];
  const { changes, sentence, beside } = effect;
  return [
    line(sentence),
    ...changes.flatMap((one) => (one.kind === "text" ? one.lines.map((each) => `  ${line(each)}`) : [])),
    ...(beside.length === 0 ? [] : [line(`not in this difference: ${beside.join(", ")}`)]),
  ];
}

function riskLines({ risk }: Approval, warn: (text: string) => string): readonly string[] {
  if (risk === undefined) return [];
  const words = risk.words.map(({ word, reason }) => `  ${line(word)}: ${line(reason)}`);
  return [risk.level === "high" ? warn("risk: high") : `risk: ${risk.level}`, ...words];
}

function undoOf({ undo }: Approval): string {
  if (undo.kind !== "inverse") return undo.sentence;
  return `${undo.sentence} (${undo.lastWorked === null ? "no call of this tool was ever undone here" : `this last worked at ${undo.lastWorked}`})`;
}
