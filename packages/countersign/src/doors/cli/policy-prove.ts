import type { Proofs } from "@countersign/client";
import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";
import { sound } from "./workspace.ts";

/** `policy prove`: 0 where everything is proved, 1 where something does not hold, 9 where something is not decided. */
export function policyProve(noun: Command, shell: Shell): void {
  noun
    .command("prove")
    .description("prove the invariants of the policies that these files give, or show a request that breaks one")
    .option("--workspace <folder>", "the folder with `countersign.yaml`; this one where missing")
    .option("--invariant <name>", "this one alone")
    .action(async (options: { workspace?: string; invariant?: string }) => {
      const client = await shell.client();
      const files = await sound(shell, options);
      shell.progress("proving; a solver has at most 40 seconds");
      const proofs = await client.rules.prove(files, options.invariant);
      const answers = proofs.invariants.map(({ answer }) => answer);
      if (answers.includes("counter-example")) shell.exit = exits.doesNotHold;
      else if (answers.includes("not decided")) shell.exit = exits.notEnough;
      shell.answer(proofs, () => [
        ...proofs.invariants.flatMap((one) => proofLines(one, shell)),
        ...proofs.unproven.map(
          ({ tool, why }) =>
            `${shell.paint.warn("out of force")} ${line(tool)}: ${line(why ?? "the rules in force are not proven with it yet", 500)}`,
        ),
      ]);
    });
}

type Proof = Proofs["invariants"][number];

function proofLines(proof: Proof, { paint }: Pick<Shell, "paint">): readonly string[] {
  const { name, title, answer, environments, solver, milliseconds } = proof;
  const how = `${environments} environments, ${solver === null ? "no solver needed" : line(solver)}, ${milliseconds} ms`;
  const heading = (word: string) => `${word} ${paint.bold(line(name))}: ${line(title)}`;
  if (answer === "proved") return [`${heading(paint.good("proved"))} ${paint.dim(`(${how})`)}`];
  if (answer === "not decided") return [heading(paint.warn("not decided")), `  ${line(proof.why ?? "", 500)}`];
  return [
    heading(paint.bad("counter-example")),
    `  ${line(proof.sentence ?? "", 2000)}`,
    `  ${line(proof.decision?.effect ?? "")}: ${line(proof.decision?.sentence ?? "", 500)}`,
    ...lines(proof.when.trimEnd()).map((one, at) => paint.dim(`  ${at === 0 ? "never where" : "           "} ${one}`)),
  ];
}
