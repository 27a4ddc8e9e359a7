import type { Policies } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, lines, table } from "./paint.ts";
import { policyCase } from "./policy-case.ts";
import { policyCheck } from "./policy-check.ts";
import { policyDiff } from "./policy-diff.ts";
import { policyExplain } from "./policy-explain.ts";
import { policyHistory, policyRollback } from "./policy-history.ts";
import { policyProve } from "./policy-prove.ts";
import { policyLint } from "./policy-rules.ts";
import { policySimulate } from "./policy-simulate.ts";
import { policyTest } from "./policy-test.ts";
import { policyWhoCan } from "./policy-who-can.ts";
import type { Shell } from "./shell.ts";

export const policy: Noun = (program, shell) => {
  const noun = program
    .command("policy")
    .description("the rules: in force, tried before they are, explained, taken back");
  noun
    .command("show")
    .description("every policy in force, or the text of one")
    .argument("[id]")
    .action(async (id: string | undefined) => {
      const policies = await (await shell.client()).rules.policies();
      if (id === undefined) return shell.answer(policies, () => policyTable(policies, shell));
      const found = policies.policies.find((one) => one.id === id);
      if (found === undefined) throw new Problem("not_found", `there is no policy \`${id.slice(0, 100)}\` in force`);
      return shell.answer(found, () => [
        `${shell.paint.bold(line(found.id))}  ${found.effect}, from ${line(found.file)}`,
        ...lines(found.text).map((one) => `  ${one}`),
        shell.paint.dim(found.digest),
      ]);
    });
  policyExplain(noun, shell);
  policyWhoCan(noun, shell);
  policyCheck(noun, shell);
  policyTest(noun, shell);
  policyCase(noun, shell);
  policySimulate(noun, shell);
  policyHistory(noun, shell);
  policyRollback(noun, shell);
  policyProve(noun, shell);
  policyDiff(noun, shell);
  policyLint(noun, shell);
};

function policyTable(policies: Policies, shell: Shell): readonly string[] {
  const rows = policies.policies.map((one) => [one.id, one.effect, one.mode, one.file, one.title ?? ""]);
  return [
    `revision ${policies.revision}, ${policies.digest}`,
    ...table(["policy", "effect", "mode", "file", "title"], rows, shell.paint),
    ...policies.warnings.map((one) => `${shell.paint.warn("warning:")} ${line(one.file)}: ${line(one.detail)}`),
  ];
}
