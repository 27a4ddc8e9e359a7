import type { Proposal, ProposalLine } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import { type Change, changeLine } from "../../workspace/plan.ts";
import type { Noun } from "./command.ts";
import { line, lines, table } from "./paint.ts";
import { prompt } from "./prompt.ts";
import { receiptCommand } from "./receipt-command.ts";
import type { Shell } from "./shell.ts";

interface SignOptions {
  readonly digest?: string;
  readonly yes?: true;
}

export const proposal: Noun = (program, shell) => {
  const noun = program
    .command("proposal")
    .description("workspaces that one person applied and a second has not signed");
  noun
    .command("list", { isDefault: true })
    .description("what waits; `yours` is what you may sign")
    .action(async () => {
      const proposals = await (await shell.client()).rules.proposals();
      shell.answer({ proposals }, () =>
        proposals.length === 0
          ? ["no workspace waits for a second person"]
          : table(
              ["proposal", "yours", "by", "changes", "until"],
              proposals.map((one) => [
                one.id,
                one.yours ? "yes" : "no",
                one.by,
                String(changesOf(one.plan).length),
                one.expiresAt.slice(0, 16),
              ]),
              shell.paint,
            ),
      );
    });
  noun
    .command("show")
    .description("everything that a signature is about: the plan, and each changed file line by line")
    .argument("<proposal>")
    .action(async (id: string) => {
      const shown = await (await shell.client()).rules.proposal(id);
      shell.answer(shown, () => proposalLines(shell, shown));
    });
  noun
    .command("sign")
    .description("sign what another person applied: it is in force from then on")
    .argument("<proposal>")
    .option("--digest <sha256>", "refuse where the files are not these (`digest` of `proposal show` or `check --json`)")
    .option("--yes", "do not ask again")
    .action((id: string, options: SignOptions) => sign(shell, id, options));
  noun
    .command("withdraw")
    .description("take yours back, or turn another person's down")
    .argument("<proposal>")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, options: { reason: string }) => {
      const done = await (await shell.client()).rules.withdrawProposal(id, options.reason);
      shell.answer({ withdrawn: id, ...done }, () => [`${line(id)} does not wait any more`]);
    });
};

async function sign(shell: Shell, id: string, options: SignOptions): Promise<void> {
  const client = await shell.client();
  const shown = await client.rules.proposal(id);
  if (options.digest !== undefined && options.digest !== shown.digest) {
    throw new Problem("conflict", "the files are not those of this digest", { help: "look at it again" });
  }
  await sure(shell, shown, options);
  const signed = await client.rules.signProposal(id, shown.digest);
  shell.answer({ ...signed, signed: id }, () => [
    `signed ${line(id)}: it is in force`,
    shell.paint.dim(receiptCommand(shell, signed.receipt)),
  ]);
}

async function sure(shell: Shell, shown: Proposal, options: SignOptions): Promise<void> {
  if (options.yes === true || options.digest !== undefined) return;
  if (shell.terminal.stdin.isTTY !== true) {
    throw new Problem("invalid", "nobody is at the terminal to look at it", {
      help: "`--digest` with the files that were looked at, or `--yes`",
    });
  }
  shell.note(proposalLines(shell, shown).join("\n"));
  if ((await prompt(shell.terminal, "sign this? yes or no: ")).trim() !== "yes")
    throw new Problem("invalid", "not answered with yes: nothing was changed");
}

function proposalLines(shell: Shell, shown: Proposal): readonly string[] {
  const { bold, dim, warn, good, bad } = shell.paint;
  const colour = (text: string): string =>
    text.startsWith("+") ? good(text) : text.startsWith("-") ? bad(text) : text;
  const vouched = shown.vouchedBy.length === 0 ? "" : `, let in by ${line(shown.vouchedBy.join(" and "))}`;
  return [
    `${bold(line(shown.by))}${vouched} asks to put a workspace in force, since ${line(shown.at)}; it lapses at ${line(shown.expiresAt)}`,
    ...planLines(changesOf(shown.plan), shell),
    ...shown.files.flatMap((one) => [
      "",
      bold(line(one.file)),
      ...one.lines.map((text) => `  ${lines(text).map(colour).join("")}`),
    ]),
    "",
    dim(`files ${line(shown.digest)}`),
    ...(shown.yours ? [] : [warn("this is not yours to sign")]),
  ];
}

/** One line for each change, and one that says how many let agents do more. */
export function planLines(changes: readonly Change[], shell: Shell): readonly string[] {
  if (changes.length === 0) return ["nothing would change"];
  const colour = { wider: shell.paint.bad, unclear: shell.paint.warn, none: (text: string) => text };
  return [
    ...changes.map((change) => (colour[change.risk] ?? colour.unclear)(line(changeLine(change)))),
    careLine(changes),
  ];
}

/** How many let agents do more, and of how many nobody can tell by the files alone: never one for the other. */
export function careLine(changes: readonly Pick<Change, "risk">[]): string {
  const wider = changes.filter(({ risk }) => risk === "wider").length;
  const unclear = changes.filter(({ risk }) => risk !== "wider" && risk !== "none").length;
  const parts = [
    ...(wider === 0 ? [] : [`${wider} ${wider === 1 ? "lets" : "let"} agents do more (\`!\`)`]),
    ...(unclear === 0 ? [] : [`${unclear} ${unclear === 1 ? "is" : "are"} for people to look at (\`?\`)`]),
  ];
  const all = `${changes.length} ${changes.length === 1 ? "change" : "changes"}`;
  return `${all}; ${parts.length === 0 ? "none lets agents do more" : parts.join(", ")}`;
}

export function changesOf(plan: ProposalLine["plan"]): readonly Change[] {
  return (Array.isArray(plan.changes) ? plan.changes : []) as unknown as readonly Change[];
}

/** What waits already where files are planned: whose, and whether these are the same. */
export function waitingLines(proposals: readonly ProposalLine[], digest: unknown): readonly string[] {
  return proposals.map(
    (one) =>
      `waits for a second person: ${line(one.id)} by ${line(one.by)}, until ${line(one.expiresAt.slice(0, 16))}${one.digest === digest ? ", these very files" : ""}`,
  );
}
