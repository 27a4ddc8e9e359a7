import type { Approval, Countersign } from "@countersign/client";
import { systemClock } from "../../floor/clock.ts";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, lines, table } from "./paint.ts";
import { prompt } from "./prompt.ts";
import type { Shell } from "./shell.ts";

interface ListOptions {
  readonly mine?: true;
  readonly order: string;
}

interface AnswerOptions {
  readonly reason?: string;
  readonly policy?: string;
  readonly yes?: true;
  readonly digest?: string;
}

export const approvals: Noun = (program, shell) => {
  const noun = program.command("approvals").description("what waits for people's answer");
  noun
    .command("list", { isDefault: true })
    .description("what is open, the highest risk first; `yours` is what you may answer")
    .option("--mine", "only what you may answer")
    .option("--order <order>", "`risk` or `time`", "risk")
    .action(async ({ mine, order }: ListOptions) => {
      if (order !== "risk" && order !== "time")
        throw new Problem("invalid", `there is no order \`${line(order).slice(0, 40)}\``, { help: "`risk` or `time`" });
      const wanted = { order, ...(mine === true ? { mine: true } : {}) } as const;
      const { approvals: open } = await (await shell.client()).approvals.page(wanted);
      shell.answer({ approvals: open }, () =>
        open.length === 0
          ? ["nothing waits for an answer"]
          : table(
              ["action", "yours", "risk", "agent", "tool", "target"],
              open.map((one) => [
                one.id,
                one.yours ? "yes" : "no",
                one.risk?.level ?? "",
                one.agent,
                `${one.server}.${one.tool}`,
                one.target,
              ]),
              shell.paint,
            ),
      );
    });
  noun
    .command("show")
    .description("everything that an answer is about")
    .argument("<action>")
    .action(async (id: string) => {
      const open = await (await shell.client()).approvals.get(id);
      shell.answer(open, () => approvalLines(shell, open));
    });
  for (const verdict of ["approve", "deny"] as const) {
    const command = noun
      .command(verdict)
      .description(
        verdict === "approve"
          ? "approve exactly the call that was shown"
          : "deny it; the reason goes back to the agent",
      )
      .argument("<action>")
      .option("--policy <id>", "the policy that asks, where several do")
      .option("--digest <sha256>", "refuse where the call is not this one (`callDigest` of `approvals show --json`)")
      .option("--yes", "do not ask again");
    if (verdict === "deny") command.requiredOption("--reason <text>", "why");
    else command.option("--reason <text>", "why");
    command.action((id: string, options: AnswerOptions) => answer(shell, id, verdict, options));
  }
};

async function answer(shell: Shell, id: string, verdict: "approve" | "deny", options: AnswerOptions): Promise<void> {
  const client = await shell.client();
  const shownAt = systemClock.tick();
  const open = await client.approvals.get(id);
  if (options.digest !== undefined && options.digest !== open.callDigest) {
    throw new Problem("conflict", "the call is not the one of this digest: it or its target changed", {
      help: "look at it again",
    });
  }
  if (open.shownDigest === undefined)
    throw new Problem("forbidden", "you may not see this call, so you cannot answer it");
  await sure(shell, open, verdict, options);
  const { notCounted, skimmed, canary } = await client.approvals.answer(id, {
    verdict,
    callDigest: open.callDigest,
    shownDigest: open.shownDigest,
    reason: options.reason ?? "",
    dwellMs: Math.round(systemClock.tick() - shownAt),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  });
  if (canary !== undefined) {
    const paint = canary.caught ? shell.paint.bold : shell.paint.warn;
    return shell.answer({ id, canary }, () => [paint(line(canary.sentence))]);
  }
  if (skimmed !== undefined) shell.note(shell.paint.warn(line(skimmed)));
  await told(shell, client, id, verdict, notCounted);
}

async function sure(shell: Shell, open: Approval, verdict: string, options: AnswerOptions): Promise<void> {
  if (options.yes === true || options.digest !== undefined) return;
  if (shell.terminal.stdin.isTTY !== true) {
    throw new Problem("invalid", "nobody is at the terminal to look at it", {
      help: "`--digest` with the call that was looked at, or `--yes`",
    });
  }
  shell.note(approvalLines(shell, open).join("\n"));
  const said = (await prompt(shell.terminal, `${verdict} this call? yes or no: `)).trim();
  if (said !== "yes") throw new Problem("invalid", "not answered with yes: nothing was changed");
}

async function told(
  shell: Shell,
  client: Countersign,
  id: string,
  verdict: "approve" | "deny",
  notCounted: string | undefined,
): Promise<void> {
  const view = await client.actions.get(id, verdict === "approve" && notCounted === undefined ? 5_000 : 0);
  shell.answer(notCounted === undefined ? view : { ...view, notCounted }, () => [
    notCounted === undefined
      ? `${verdict === "approve" ? "approved" : "denied"} ${id}: it is ${view.state} now`
      : shell.paint.warn(`your approval of ${id} is recorded and does not count: ${line(notCounted)}`),
    shell.paint.dim(`countersign receipt ${id}`),
  ]);
}

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
    ...(open.claim === undefined ? [] : [dim("the agent says (a claim):"), `  ${line(open.claim)}`]),
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
