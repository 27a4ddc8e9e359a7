import type { GrantProposals } from "@countersign/client";
import type { Command } from "commander";
import { whole } from "./command.ts";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface ProposalOptions {
  readonly weeks: number;
  readonly least: number;
  readonly workflow?: string;
}

type Proposal = GrantProposals["proposals"][number];

/** Adds `approvals proposals`. */
export function grantProposals(noun: Command, shell: Shell): void {
  noun
    .command("proposals")
    .description(
      "what people approved so often that it could be granted beforehand, with the evidence; nothing changes",
    )
    .option("--weeks <count>", "how many weeks, 1 to 12", whole, 4)
    .option("--least <count>", "how often people have to have approved it, 5 to 1000", whole, 20)
    .option("--workflow <name>", "this workflow alone; its DRI may ask for it")
    .action(async (options: ProposalOptions) => {
      const found = await (await shell.client()).grants.proposals(options);
      shell.answer(found, () => linesOf(found, shell));
    });
}

function linesOf({ proposals, left, looked, isWhole, least, weeks }: GrantProposals, shell: Shell): readonly string[] {
  const { dim, warn } = shell.paint;
  if (!isWhole) return [warn("more was asked than is looked at, so nothing is proposed: ask for fewer weeks")];
  const none = `nothing is proposed: of ${looked} requests of ${weeks} weeks, no class was approved ${least} times with nothing against it`;
  return [
    ...(proposals.length === 0 ? [none] : proposals.flatMap((one) => [...proposalLines(one, shell), ""])),
    ...left.map((one) =>
      dim(
        line(
          `not ${one.server}.${one.tool} by ${one.agent} in ${one.workflow}, approved ${one.approved} times: ${one.because}`,
        ),
      ),
    ),
  ];
}

function proposalLines(one: Proposal, shell: Shell): readonly string[] {
  const { bold, dim, warn } = shell.paint;
  const { evidence, spared, change, needs, waiting } = one;
  const people = evidence.people.map(({ person, approved }) => `${person} ${approved}`).join(", ");
  const looked = spared.lookedMs === null ? "" : `people looked for ${minutes(spared.lookedMs)}, `;
  const [next = "ACTION"] = waiting;
  return [
    bold(line(`${one.workflow}: ${one.sentence}`)),
    `  by ${line(people, 1000)}; at least ${Math.floor(evidence.atLeast * 100)} of 100 would be approved (95 %)`,
    `  ${looked}the agent waited ${minutes(spared.waitedMs)}`,
    dim(`  receipts: ${evidence.receipts.slice(0, 3).join(" ")}${evidence.receipts.length > 3 ? " …" : ""}`),
    ...(needs === null ? [] : [warn(`  ${line(needs)}`)]),
    ...(change === null
      ? []
      : [
          `  first, in ${line(change.file)}, as two people put a workspace in force:`,
          ...change.difference
            .filter((each) => /^[-+] /.test(each))
            .flatMap((each) => lines(each).map((one) => `    ${one}`)),
        ]),
    `  then whoever may answer grants it at the next such request${waiting.length === 0 ? "" : ", and one waits now"}:`,
    `    ${shell.called} approvals grant ${next} ${flagsOf(one.grant)}`,
  ];
}

function flagsOf({ shape, forMs, uses }: Proposal["grant"]): string {
  const rules = Object.entries(shape.arguments ?? {}).flatMap(([pointer, rule]) => {
    if ("any" in rule) return [`--any ${quoted(pointer)}`];
    if ("oneOf" in rule) return [`--one-of ${quoted(`${pointer}=${JSON.stringify(rule.oneOf)}`)}`];
    return [
      ...(rule.atLeast === undefined ? [] : [`--at-least ${quoted(`${pointer}=${rule.atLeast}`)}`]),
      ...(rule.atMost === undefined ? [] : [`--at-most ${quoted(`${pointer}=${rule.atMost}`)}`]),
    ];
  });
  const target = shape.target === "class" ? ["--target class"] : [];
  return [`--for ${forMs / 3_600_000}h`, `--uses ${uses}`, ...target, ...rules, "--reason …"].join(" ");
}

/** One word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${line(text, 1000).replaceAll("'", "'\\''")}'`;
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}
