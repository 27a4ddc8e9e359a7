import type { ActionReceipt, Policies } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, lines, table } from "./paint.ts";
import { policyLint } from "./policy-rules.ts";
import type { Shell } from "./shell.ts";

export const policy: Noun = (program, shell) => {
  const noun = program.command("policy").description("the rules in force, and why an action was decided as it was");
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
  policyLint(noun, shell);
  noun
    .command("explain")
    .description("which rules decided an action, and what came close")
    .argument("<action>")
    .action(async (id: string) => {
      const receipt = await (await shell.client()).receipts.get(id);
      if (!("policy" in receipt)) throw new Problem("invalid", "this is not the receipt of an action");
      shell.answer(receipt.policy, () => explained(receipt.policy, shell));
    });
};

function policyTable(policies: Policies, shell: Shell): readonly string[] {
  const rows = policies.policies.map((one) => [one.id, one.effect, one.mode, one.file, one.title ?? ""]);
  return [
    `revision ${policies.revision}, ${policies.digest}`,
    ...table(["policy", "effect", "mode", "file", "title"], rows, shell.paint),
    ...policies.warnings.map((one) => `${shell.paint.warn("warning:")} ${line(one.file)}: ${line(one.detail)}`),
  ];
}

/** The decision in words, with the text of every policy that determined it. */
export function explained(decided: ActionReceipt["policy"], shell: Pick<Shell, "paint">): readonly string[] {
  const { bold, dim } = shell.paint;
  return [
    `${bold(line(decided.effect))}: ${line(decided.sentence)}`,
    ...decided.determining.flatMap((one) => [
      `${one.effect} ${line(one.id)}  ${dim(one.digest)}`,
      ...lines(one.text, 30).map((text) => `  ${text}`),
    ]),
    ...decided.nearMiss.map((one) => `came close: ${line(one.policy)}: ${line(one.sentence)}`),
    ...decided.errors.map((one) => `could not be evaluated: ${line(one)}`),
    dim(`policy set ${decided.policySet.revision}, ${decided.policySet.digest}`),
  ];
}
