import type { PolicyChecked } from "@countersign/client";
import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { sentence } from "../../workspace/finding.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

type Problems = PolicyChecked["problems"];

/** Adds `policy check`. */
export function policyCheck(noun: Command, shell: Shell): void {
  noun
    .command("check")
    .description("check a workspace's policies here, then against the server's tools: where, and what was meant")
    .argument("[folder]", "the folder with `countersign.yaml`; this one where missing")
    .option("--offline", "do not ask the server: names of tools and types of arguments are not looked at")
    .action(async (folder: string | undefined, options: { offline?: true }) => {
      const { checkPolicyFiles } = await import("./check-policy-files.ts");
      const { problems, files } = await checkPolicyFiles(shell.folder(folder));
      const offline = options.offline === true || problems.some(isError);
      const checked: PolicyChecked = offline
        ? { ok: !problems.some(isError), problems: [...problems], unenforced: [] }
        : await (await shell.client()).policies.check(files);
      const errors = checked.problems.filter(isError).length;
      if (checked.unenforced.length > 0) shell.exit = exits.doesNotHold;
      if (errors > 0) shell.exit = 2;
      shell.answer({ ...checked, offline }, () => [
        ...checked.problems.map((one) => line(shell.inTheirWords(sentence(one)))),
        errors === 0 ? soundLine(shell, checked, offline) : badLine(shell, errors),
        ...(checked.unenforced.length === 0
          ? []
          : [
              `${shell.paint.bad(`${checked.unenforced.length} rules`)} of workflow files are words that nothing enforces`,
            ]),
      ]);
    });
}

function isError(one: Problems[number]): boolean {
  return one.severity === "error";
}

function soundLine(shell: Shell, checked: PolicyChecked, offline: boolean): string {
  const good = shell.paint.good("ok");
  return offline
    ? `${good}: the policies can be read; names of tools and types of arguments were not looked at`
    : `${good}: ${checked.policies ?? 0} policies hold together, with those that ship and those of workflow files`;
}

function badLine(shell: Shell, errors: number): string {
  const count = shell.paint.bad(`${errors} ${errors === 1 ? "error" : "errors"}`);
  return `${count}: nothing of this can be put in force, and what is in force stays in force`;
}
