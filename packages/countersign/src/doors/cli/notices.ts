import type { NoticeLine } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import { receiptCommand } from "./receipt-command.ts";

const states = ["waiting", "sent", "over", "dead"] as const;
const most = 200;

export const notices: Noun = (program, shell) => {
  const noun = program
    .command("notices")
    .description("what people and their systems were told, and what could not be delivered");
  noun
    .command("list", { isDefault: true })
    .description("notices, newest first")
    .option("--state <state>", states.join(", "))
    .option("--about <id>", "the action, stop, alert or test page that they are about")
    .action(async (options: { state?: string; about?: string }) => {
      const state = states.find((one) => one === options.state);
      if (options.state !== undefined && state === undefined)
        throw new Problem("invalid", `there is no state \`${line(options.state, 40)}\``, {
          help: `one of ${states.join(", ")}`,
        });
      const { notices: found } = await (await shell.client()).notices.page({
        ...(state === undefined ? {} : { state }),
        ...(options.about === undefined ? {} : { subject: options.about }),
        limit: most,
      });
      shell.answer({ notices: found }, () =>
        found.length === 0
          ? ["nothing was told"]
          : table(["notice", "type", "about", "by", "to", "state", "tries", "why not"], found.map(rowOf), shell.paint),
      );
    });
  noun
    .command("replay")
    .description("send a dead letter again, under its old id")
    .argument("<notice>", "`ntc_…`, as `notices list` shows it")
    .action(async (id: string) => {
      const replayed = await (await shell.client()).notices.replay(id);
      shell.answer(replayed, () => [
        `${line(id)} is on its way again`,
        shell.paint.dim(receiptCommand(shell, replayed.receipt)),
      ]);
    });
};

function rowOf(one: NoticeLine): readonly string[] {
  return [
    one.id,
    one.type,
    one.subject,
    one.channel,
    one.person ?? "-",
    one.state,
    String(one.tries),
    one.fault ?? "-",
  ];
}
