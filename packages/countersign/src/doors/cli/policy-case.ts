import type { Command } from "commander";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";

/** Adds `policy case`. */
export function policyCase(noun: Command, shell: Shell): void {
  noun
    .command("case")
    .description("what was decided about an action, as a case for `policies/*.test.yaml`")
    .argument("<action>")
    .action(async (id: string) => {
      const made = await (await shell.client()).policies.caseOf(id);
      if (!made.same) shell.note(shell.paint.warn(`the set in force decides otherwise: ${line(made.is.sentence)}`));
      shell.answer(made, () => lines(made.text.trimEnd()));
    });
}
