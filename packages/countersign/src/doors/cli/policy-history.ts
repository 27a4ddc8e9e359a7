import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { whole } from "./command.ts";
import { line, table } from "./paint.ts";
import { prompt } from "./prompt.ts";
import { changesOf, planLines } from "./proposal.ts";
import type { Shell } from "./shell.ts";

/** Adds `policy history`. */
export function policyHistory(noun: Command, shell: Shell): void {
  noun
    .command("history")
    .description("everything that was put in force: who, when, which files; all of it is kept")
    .option("--limit <count>", "how many at most", whole, 20)
    .action(async (options: { limit: number }) => {
      const activations = await (await shell.client()).policies.history(options.limit);
      shell.answer({ activations }, () =>
        table(
          ["revision", "at (UTC)", "by", "signed by", "files"],
          activations.map((one) => [
            String(one.revision),
            one.at.slice(0, 19).replace("T", " "),
            one.by,
            one.signedBy ?? (one.single ? "nobody: one person" : "-"),
            one.sameAs === undefined ? filesOf(one.changed) : `as revision ${one.sameAs}`,
          ]),
          shell.paint,
        ),
      );
    });
}

function filesOf(changed: readonly string[]): string {
  return changed.length > 4 ? `${changed.slice(0, 4).join(", ")} and ${changed.length - 4} more` : changed.join(", ");
}

/** Adds `policy rollback`. */
export function policyRollback(noun: Command, shell: Shell): void {
  noun
    .command("rollback")
    .description("ask to put an earlier revision in force again, whole; a second person signs")
    .argument("[revision]", "of `policy history`; what was in force before where missing", whole)
    .option("--yes", "do not ask again")
    .action(async (revision: number | undefined, options: { yes?: true }) => {
      const client = await shell.client();
      const planned = await client.policies.planRollBack(revision);
      const changes = changesOf(planned.plan);
      if (options.yes !== true) {
        if (shell.terminal.stdin.isTTY !== true)
          throw new Problem("invalid", "nobody is at the terminal to look at the plan", { help: "`--yes`" });
        shell.note([`back to revision ${planned.revision}:`, ...planLines(changes, shell)].join("\n"));
        if ((await prompt(shell.terminal, "go back? yes or no: ")).trim() !== "yes")
          throw new Problem("invalid", "not answered with yes: nothing was changed");
      }
      const { from } = planned.plan;
      const done = await client.policies.rollBack(planned.revision, typeof from === "string" ? from : undefined);
      shell.answer(done, () => [
        ...planLines(changes, shell),
        done.proposal === undefined
          ? `revision ${done.revision} is in force again: this organisation is one person; ${shell.paint.dim(line(done.receipt))}`
          : `revision ${done.revision} is proposed, and waits for a second person: ${shell.called} proposal sign ${line(done.proposal)}`,
      ]);
    });
}
