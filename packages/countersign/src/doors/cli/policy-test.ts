import type { PolicyTested } from "@countersign/client";
import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";
import { soundFiles } from "./sound-files.ts";

interface TestOptions {
  readonly every?: true;
  readonly leastScore?: number;
}

/** Adds `policy test`. */
export function policyTest(noun: Command, shell: Shell): void {
  noun
    .command("test")
    .description(
      "run the cases of `policies/*.test.yaml`: what fails, what no case looks at, which faults none would notice",
    )
    .argument("[folder]", "the folder with `countersign.yaml`; this one where missing")
    .option("--every", "also give faults to the policies that workflow files generate")
    .option("--least-score <percent>", "end with 1 where fewer faults than this are noticed", percent)
    .action(async (folder: string | undefined, options: TestOptions) => {
      const files = await soundFiles(shell, folder);
      const tested = await (await shell.client()).policies.test(files, options.every === true);
      const score = scoreOf(tested.mutation);
      const failed = tested.cases.filter((one) => !one.passed).length;
      if (failed > 0 || (options.leastScore !== undefined && score < options.leastScore))
        shell.exit = exits.doesNotHold;
      shell.answer({ ...tested, failed, score }, () => testLines(shell, tested, options.every === true));
    });
}

function percent(text: string): number {
  const value = /^[0-9]{1,3}%?$/.test(text) ? Number(text.replace("%", "")) : Number.NaN;
  if (!(value <= 100)) throw new Problem("invalid", `\`${text.slice(0, 40)}\` is not a percentage`);
  return value;
}

function scoreOf({ killed, mutants }: PolicyTested["mutation"]): number {
  return mutants === 0 ? 100 : Math.floor((killed / mutants) * 100);
}

function testLines(shell: Shell, tested: PolicyTested, every: boolean): readonly string[] {
  const { good, bad, warn, dim } = shell.paint;
  const { cases, coverage, mutation } = tested;
  const failed = cases.filter((one) => !one.passed);
  const looked = coverage.filter((one) => one.source === "own" || (every && one.source === "workflow"));
  const covered = looked.filter((one) => one.covered).length;
  return [
    ...cases.flatMap((one) => [
      `${one.passed ? good("pass") : bad("FAIL")}  ${line(one.name)}  ${dim(line(`${one.file}:${one.line}`))}`,
      ...one.failures.map((failure) => `      ${line(failure)}`),
    ]),
    "",
    `${cases.length - failed.length} of ${cases.length} cases pass`,
    `${covered} of ${looked.length} policies are covered: they hold in one case, and each condition alone decides another`,
    ...looked
      .filter((one) => !one.covered)
      .flatMap((one) => [`  ${warn(line(one.policy))}`, ...gapsOf(one).map((gap) => `    ${line(gap)}`)]),
    `${mutation.killed} of ${mutation.mutants} faults are noticed (${scoreOf(mutation)} %)`,
    ...mutation.survivors.map((one) => `  ${warn("survives")}  ${line(one.policy)}: ${line(one.fault)}`),
  ];
}

function gapsOf(one: PolicyTested["coverage"][number]): readonly string[] {
  return [
    ...(one.held === 0 ? ["it holds in no case"] : []),
    ...one.conditions.filter(({ decisive }) => decisive === 0).map(({ text }) => `decides no case: ${text}`),
  ];
}
