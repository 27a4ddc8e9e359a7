import type { ErasureMade } from "@countersign/client";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

export const erase: Noun = (program, shell) => {
  program
    .command("erase")
    .description("ask that what actions said and answered is erased for good; a second person signs")
    .argument("<subjects...>", "actions, or runs with all that is in them")
    .requiredOption("--reason <text>", "why")
    .action(async (subjects: readonly string[], { reason }: { reason: string }) => {
      const made = await (await shell.client()).erasures.propose({ subjects: [...subjects], reason });
      shell.answer(made, () => madeLines(shell, made));
    });
  const noun = program.command("erasures").description("erasures that wait for a second person");
  noun
    .command("list", { isDefault: true })
    .description("what was asked for, by whom and why")
    .action(async () => {
      const proposed = await (await shell.client()).erasures.list();
      shell.answer({ proposed }, () =>
        proposed.length === 0
          ? ["no erasure waits for a signature"]
          : table(
              ["erasure", "by", "of", "reason"],
              proposed.map((one) => [one.id, one.by, subjectsOf(one.subjects), one.reason]),
              shell.paint,
            ),
      );
    });
  noun
    .command("sign")
    .description("sign what another person asked for: it cannot be taken back")
    .argument("<erasure>")
    .action(async (id: string) => {
      const made = await (await shell.client()).erasures.sign(id);
      shell.answer(made, () => madeLines(shell, made));
    });
};

function subjectsOf(subjects: readonly string[]): string {
  const [first = "", ...others] = subjects;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function madeLines(shell: Shell, made: ErasureMade): readonly string[] {
  const { warn, dim } = shell.paint;
  return [
    made.erased
      ? `erased ${line(subjectsOf(made.subjects))}: what remains verifies, and says who erased it`
      : `${line(made.id)} waits for a second person: ${shell.called} erasures sign ${line(made.id)}`,
    ...made.linked.map((id) => warn(`${line(id)} holds some of that content too: it undid it, or was undone by it`)),
    dim(`receipt ${line(made.receipt.split("/").at(-1) ?? "")}`),
  ];
}
