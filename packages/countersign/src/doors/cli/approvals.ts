import type { Countersign } from "@countersign/client";
import { systemClock } from "../../floor/clock.ts";
import { Problem } from "../../floor/problem.ts";
import { approvalLines } from "./approval-lines.ts";
import { approvalsReport } from "./approvals-report.ts";
import { askBack } from "./ask-back.ts";
import { batch } from "./batch.ts";
import { breakGlass } from "./break-glass.ts";
import type { Noun } from "./command.ts";
import { edit } from "./edit.ts";
import { exitOf } from "./exit.ts";
import { grantProposals } from "./grant-proposals.ts";
import { grants } from "./grants.ts";
import { type LookOptions, lookAt } from "./look-at.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface ListOptions {
  readonly mine?: true;
  readonly order: string;
}

interface AnswerOptions extends LookOptions {
  readonly reason?: string;
  readonly policy?: string;
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
          : [
              ...table(
                ["action", "yours", "risk", "agent", "asks to", "target"],
                open.map((one) => [
                  one.id,
                  one.frozenBy === undefined ? (one.yours ? "yes" : "no") : "frozen",
                  one.risk?.level ?? "",
                  one.agent,
                  one.undoes === undefined ? `${one.server}.${one.tool}` : `undo ${one.undoes.action}`,
                  one.target,
                ]),
                shell.paint,
              ),
              ...open.flatMap(({ id, voided }) =>
                voided === undefined ? [] : [shell.paint.warn(`${id}: ${line(voided)}`)],
              ),
            ],
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
  askBack(noun, shell);
  edit(noun, shell);
  grants(noun, shell);
  breakGlass(noun, shell);
  batch(noun, shell);
  approvalsReport(noun, shell);
  grantProposals(noun, shell);
};

async function answer(shell: Shell, id: string, verdict: "approve" | "deny", options: AnswerOptions): Promise<void> {
  const client = await shell.client();
  const shownAt = systemClock.tick();
  const shown = await lookAt(shell, client, id, `${verdict} this call`, options);
  const { notCounted, skimmed, canary } = await client.approvals.answer(id, {
    verdict,
    ...shown,
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

async function told(
  shell: Shell,
  client: Countersign,
  id: string,
  verdict: "approve" | "deny",
  notCounted: string | undefined,
): Promise<void> {
  const view = await client.actions.get(id, verdict === "approve" && notCounted === undefined ? 5_000 : 0);
  // A denial did what was asked: that it is refused now is no failure.
  if (verdict === "approve") shell.exit = exitOf(view);
  shell.answer(notCounted === undefined ? view : { ...view, notCounted }, () => [
    notCounted === undefined
      ? `${verdict === "approve" ? "approved" : "denied"} ${id}: it is ${view.state} now`
      : shell.paint.warn(`your approval of ${id} is recorded and does not count: ${line(notCounted)}`),
    shell.paint.dim(`${shell.called} receipt ${id}`),
  ]);
}
