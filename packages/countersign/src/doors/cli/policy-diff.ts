import type { PolicyDiff } from "@countersign/client";
import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";
import { sound } from "./workspace.ts";

const kinds = {
  allowed: "newly allowed",
  denied: "newly denied",
  "asks a person": "newly asks a person",
  "asked otherwise": "asked otherwise",
} as const;

/** `policy diff`: what the files would newly allow, deny, ask people for, and ask otherwise. */
export function policyDiff(noun: Command, shell: Shell): void {
  noun
    .command("diff")
    .description("what the files newly allow, deny and ask people for: proven to be nothing, or a request for each")
    .option("--workspace <folder>", "the folder with `countersign.yaml`; this one where missing")
    .option("--against <folder>", "another folder to compare with; what is in force where missing")
    .option("--exit-code", "end with 1 where anything is newly so, with 9 where something is not decided")
    .action(async (options: { workspace?: string; against?: string; exitCode?: true }) => {
      const client = await shell.client();
      const files = await sound(shell, options);
      const against = options.against === undefined ? undefined : await sound(shell, { workspace: options.against });
      shell.progress("comparing; a solver has at most 40 seconds");
      const diff = await client.rules.policyDiff(files, against);
      const answers = diff.findings.map(({ answer }) => answer);
      if (options.exitCode === true && answers.includes("request")) shell.exit = exits.doesNotHold;
      else if (options.exitCode === true && answers.length > 0) shell.exit = exits.notEnough;
      shell.answer(diff, () => diffLines(diff, shell));
    });
}

function diffLines(diff: PolicyDiff, { paint }: Pick<Shell, "paint">): readonly string[] {
  const { same, compared, proven, solver, milliseconds, findings } = diff;
  const how = `${solver === null ? "no solver needed" : line(solver)}, ${milliseconds} ms`;
  const texts = [
    `${compared + same} pairs of a tool and a verb: the rules are the same for ${same} and differ for ${compared} ${paint.dim(`(${how})`)}`,
  ];
  if (compared === 0) return texts;
  for (const [newly, words] of Object.entries(kinds)) {
    const found = findings.filter((one) => one.newly === newly);
    const none = `proven for ${proven[newly as keyof typeof kinds] ?? 0} of ${compared} that nothing is`;
    texts.push(`${paint.bold(words)}: ${none}`);
    for (const one of found) {
      if (one.answer === "not decided") {
        texts.push(
          `  ${paint.warn("not decided")} for ${line(one.tool)} (${line(one.verb)}): ${line(one.why ?? "", 500)}`,
        );
        continue;
      }
      texts.push(
        `  ${line(one.sentence ?? "", 2000)}`,
        `    before: ${line(one.before?.sentence ?? "", 500)}`,
        `    after:  ${line(one.after?.sentence ?? "", 500)}`,
      );
    }
  }
  return texts;
}
