import { exits } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import type { WorkspaceFiles } from "../../workspace/files.ts";
import { sentence, type WorkspaceProblem } from "../../workspace/finding.ts";
import type { Noun } from "./command.ts";
import { line } from "./paint.ts";
import { prompt } from "./prompt.ts";
import { changesOf, planLines, waitingLines } from "./proposal.ts";
import { receiptCommand } from "./receipt-command.ts";
import type { Shell } from "./shell.ts";

/** Reading and checking files takes more to load than asking a server does. */
const checkFolder = async (folder: string) => (await import("./check-folder.ts")).checkFolder(folder);

interface Folder {
  readonly workspace?: string;
}

export const workspace: Noun = (program, shell) => {
  const named = ["--workspace <folder>", "the folder with `countersign.yaml`; this one where missing"] as const;
  program
    .command("check")
    .description("check the workspace's files: file, line, column, what was expected")
    .option(...named)
    .action(async (options: Folder) => {
      const { problems, files, digest } = await checkFolder(shell.folder(options.workspace));
      const errors = problems.filter((one) => one.severity === "error");
      if (errors.length > 0) shell.exit = 2;
      shell.answer({ ok: errors.length === 0, digest: digest ?? null, problems }, () => [
        ...problems.map((one) => line(shell.inTheirWords(sentence(one)))),
        errors.length === 0
          ? `${shell.paint.good("ok")}: ${Object.keys(files).length} files hold together`
          : `${shell.paint.bad(`${errors.length} ${errors.length === 1 ? "error" : "errors"}`)}: nothing of this can be applied`,
      ]);
    });
  program
    .command("plan")
    .description("what applying the files would change")
    .option(...named)
    .option("--exit-code", "end with 1 where anything would change")
    .action(async (options: Folder & { exitCode?: true }) => {
      const client = await shell.client();
      const planned = await client.rules.plan(await sound(shell, options));
      const changes = changesOf(planned.plan);
      warn(shell, planned.problems);
      if (options.exitCode === true && changes.length > 0) shell.exit = exits.doesNotHold;
      const proposals = await client.rules.proposals();
      shell.answer({ ...planned, proposals }, () => [
        ...planLines(changes, shell),
        ...waitingLines(proposals, planned.plan.to),
      ]);
    });
  program
    .command("apply")
    .description("ask to put the files in force, whole or not at all; a second person signs")
    .option(...named)
    .option("--yes", "do not ask again")
    .action((options: Folder & { yes?: true }) => apply(shell, options));
};

async function apply(shell: Shell, options: Folder & { yes?: true }): Promise<void> {
  const client = await shell.client();
  const files = await sound(shell, options);
  const planned = await client.rules.plan(files);
  const changes = changesOf(planned.plan);
  warn(shell, planned.problems);
  if (changes.length === 0) return shell.answer({ ...planned, applied: false }, () => ["nothing would change"]);
  if (options.yes !== true) {
    if (shell.terminal.stdin.isTTY !== true)
      throw new Problem("invalid", "nobody is at the terminal to look at the plan", {
        help: "look at `countersign plan`, then `--yes`",
      });
    shell.note(planLines(changes, shell).join("\n"));
    if ((await prompt(shell.terminal, "apply this? yes or no: ")).trim() !== "yes")
      throw new Problem("invalid", "not answered with yes: nothing was changed");
  }
  const { from } = planned.plan;
  const applied = await client.rules.apply(files, typeof from === "string" ? from : undefined);
  const receipt = shell.paint.dim(receiptCommand(shell, applied.receipt));
  shell.answer({ ...applied, applied: applied.inForce }, () => [
    ...planLines(changes, shell),
    applied.proposal === undefined
      ? `applied: this organisation is one person; ${receipt}`
      : `proposed, and waits for a second person: ${shell.called} proposal sign ${line(applied.proposal)}`,
  ]);
}

/** What the server found in the files, or in its store, that stops nothing. */
function warn(shell: Shell, problems: readonly unknown[]): void {
  for (const one of problems as readonly WorkspaceProblem[]) shell.note(line(shell.inTheirWords(sentence(one))));
}

/** The files, once they have been checked here: a fault is told before the server is asked. */
export async function sound(shell: Shell, options: Folder): Promise<WorkspaceFiles> {
  const { problems, files } = await checkFolder(shell.folder(options.workspace));
  const errors = problems.filter((one) => one.severity === "error");
  if (errors.length === 0) return files;
  for (const one of errors) shell.note(line(shell.inTheirWords(sentence(one))));
  throw new Problem("invalid", `the workspace has ${errors.length} ${errors.length === 1 ? "error" : "errors"}`, {
    help: "run `countersign check`",
    at: `${errors[0]?.file}:${errors[0]?.line}:${errors[0]?.column}`,
  });
}
