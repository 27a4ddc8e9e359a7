import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

const scopes = ["action", "run", "workflow", "agent"] as const;

interface TakeOptions {
  readonly reason: string;
  readonly until?: string;
}

export const preservation: Noun = (program, shell) => {
  const noun = program
    .command("preservation")
    .description("legal holds: nothing of what they name is erased, by people or by retention");
  noun
    .command("list", { isDefault: true })
    .description("those in force, and those that were")
    .action(() => list(shell));
  noun
    .command("take")
    .description("put one in force")
    .argument("<scope>", scopes.join(", "))
    .argument("<name>", "what must not be erased")
    .requiredOption("--reason <text>", "why")
    .option("--until <day>", "its last day, such as `2027-03-31`; until it is ended where missing")
    .action((scope: string, name: string, options: TakeOptions) => take(shell, scope, name, options));
  noun
    .command("end")
    .description("end one before its time; this takes a second person")
    .argument("<preservation>", "`gov_…`, as `list` names it")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, options: { reason: string }) => {
      const ended = await (await shell.client()).erasures.endPreservation(id, options.reason);
      shell.answer(ended, () => [`ended ${line(id)}: what it kept may be erased from now on`]);
    });
};

async function list(shell: Shell): Promise<void> {
  const preservations = await (await shell.client()).erasures.preservations();
  shell.answer({ preservations }, () =>
    preservations.length === 0
      ? ["no legal hold is in force, and none was"]
      : table(
          ["preservation", "what", "by", "since (UTC)", "until", "reason"],
          preservations.map((one) => [
            one.id,
            `${one.scope} ${one.name}`,
            one.by,
            one.takenAt.slice(0, 19).replace("T", " "),
            one.endedBy !== null ? `ended by ${one.endedBy}` : (one.until?.slice(0, 10) ?? "it is ended"),
            one.reason,
          ]),
          shell.paint,
        ),
  );
}

async function take(shell: Shell, given: string, name: string, options: TakeOptions): Promise<void> {
  const scope = scopes.find((one) => one === given);
  if (scope === undefined)
    throw new Problem("invalid", `\`${line(given, 60)}\` cannot be preserved`, { help: `one of ${scopes.join(", ")}` });
  const made = await (await shell.client()).erasures.preserve({
    scope,
    name,
    reason: options.reason,
    ...(options.until === undefined ? {} : { until: options.until }),
  });
  shell.answer(made, () => [
    `${shell.paint.bold(made.id)}: nothing of ${scope} ${line(name)} is erased`,
    shell.paint.dim(`end it: ${shell.called} preservation end ${made.id} --reason …`),
  ]);
}
