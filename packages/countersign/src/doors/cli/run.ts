import { exits } from "@countersign/contract";
import { Ended, failureOf, failureText, withHelp } from "./fail.ts";
import { paintFor } from "./paint.ts";
import { createProgram } from "./program.ts";
import { Shell } from "./shell.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one command and resolves with its exit code. Never throws, and never ends the process. */
export async function run(terminal: Terminal): Promise<number> {
  const shell = new Shell(terminal);
  // A failure before the options are read must be told in the form that was asked for.
  shell.asJson = terminal.argv.includes("--json");
  try {
    const program = createProgram(shell);
    if (terminal.argv.length === 0) {
      program.outputHelp();
      return exits.ok;
    }
    await program.parseAsync([...terminal.argv], { from: "user" });
    return shell.exit;
  } catch (thrown) {
    if (thrown instanceof Ended) return thrown.exit;
    const failure = withHelp(failureOf(thrown), (help) => shell.inTheirWords(help));
    const paint = paintFor(terminal.stderr.isTTY === true, terminal.env);
    terminal.stderr.write(`${failureText(failure, shell.asJson, paint)}\n`);
    return failure.exit;
  }
}
