import type { ActionReceipt, PolicyExplained } from "@countersign/client";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";
import { soundFiles } from "./sound-files.ts";

interface ExplainOptions {
  readonly request?: string;
  readonly workspace?: string;
}

/** Adds `policy explain`. */
export function policyExplain(noun: Command, shell: Shell): void {
  noun
    .command("explain")
    .description("which rules decided an action, or would decide a call that nobody made; and what came close")
    .argument("[action]")
    .option("--request <file>", "a call that nobody made, as YAML or JSON; `-` reads standard input")
    .option("--workspace <folder>", "with `--request`: decide by these files, not by what is in force")
    .action(async (id: string | undefined, options: ExplainOptions) => {
      if ((id === undefined) === (options.request === undefined))
        throw new Problem("invalid", "name an action, or a file with `--request`");
      if (options.request !== undefined) return explainRequest(shell, options.request, options.workspace);
      const receipt = await (await shell.client()).receipts.get(id ?? "");
      if (!("policy" in receipt)) throw new Problem("invalid", "this is not the receipt of an action");
      shell.answer(receipt.policy, () => explained(receipt.policy, shell));
    });
}

async function explainRequest(shell: Shell, file: string, folder: string | undefined): Promise<void> {
  const text = file === "-" ? await readAll(shell) : await shell.readText(file);
  const files = folder === undefined ? undefined : await soundFiles(shell, folder);
  const answer = await (await shell.client()).policies.explain(text, files);
  shell.answer(answer, () => requestLines(shell, answer));
}

async function readAll(shell: Shell): Promise<string> {
  let text = "";
  for await (const chunk of shell.terminal.stdin) text += String(chunk);
  return text;
}

function requestLines(shell: Shell, { decision, nearMiss, vetoes }: PolicyExplained): readonly string[] {
  const { bold, dim } = shell.paint;
  return [
    `${bold(line(decision.effect))}: ${line(decision.sentence)}`,
    ...decision.requirements.map((one) => `  needs ${line(one.sentence)}`),
    ...vetoes.map(
      (one) => `  veto \`${line(one)}\` is attached: it is asked about the call itself, and its answer may deny it`,
    ),
    ...decision.determining.flatMap((one) => [
      `${one.effect} ${line(one.id)}`,
      ...lines(one.text, 30).map((text) => `  ${text}`),
    ]),
    ...decision.errors.map((one) => `could not be evaluated: ${line(one)}`),
    ...(nearMiss.length === 0 ? [] : [dim("does not hold, for its first condition that is not met:")]),
    ...nearMiss.map(
      (one) =>
        `  ${one.effect} ${line(one.policy)}: ${line(one.condition)}${one.error === undefined ? "" : ` (${line(one.error)})`}`,
    ),
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
    // What is refused before any rule is asked has no set that decided it.
    dim(
      decided.policySet.digest === ""
        ? `no policy was asked${decided.effect === "deny" ? ": it was refused before" : ""}`
        : `policy set ${decided.policySet.revision}, ${decided.policySet.digest}`,
    ),
  ];
}
