import { Problem } from "../../floor/problem.ts";
import { type Noun, whole } from "./command.ts";
import { line, table } from "./paint.ts";

interface ProposeOptions {
  readonly agent: string;
  readonly workflow: string;
  readonly tier: number;
  readonly days: number;
  readonly reason: string;
}

export const waiver: Noun = (program, shell) => {
  const noun = program.command("waiver").description("a tier above 0 that two people sign for, for some days");
  noun
    .command("list", { isDefault: true })
    .description("what is in force and what waits for a signature")
    .action(async () => {
      const waivers = await (await shell.client()).rules.waivers();
      shell.answer(waivers, () => [
        ...table(
          ["waiver", "agent", "workflow", "tier", "signed", "until / days", "reason"],
          [
            ...waivers.inForce.map((one) => [
              one.id,
              one.agent,
              one.workflow,
              String(one.tier),
              one.by.join(" "),
              one.until.slice(0, 10),
              one.reason,
            ]),
            ...waivers.proposed.map((one) => [
              one.id,
              one.agent,
              one.workflow,
              String(one.tier),
              `${one.by}, and waits`,
              `${one.days} days`,
              one.reason,
            ]),
          ],
          shell.paint,
        ),
      ]);
    });
  noun
    .command("propose")
    .description("ask for a tier; a second person signs")
    .requiredOption("--agent <name>")
    .requiredOption("--workflow <name>")
    .requiredOption("--tier <number>", "1, 2 or 3", whole)
    .requiredOption("--days <count>", "how long, at most 30", whole)
    .requiredOption("--reason <text>", "why")
    .action(async ({ tier, ...rest }: ProposeOptions) => {
      if (tier !== 1 && tier !== 2 && tier !== 3) throw new Problem("invalid", "`--tier` is 1, 2 or 3");
      const made = await (await shell.client()).rules.proposeWaiver({ ...rest, tier });
      shell.answer(made, () => [
        made.inForce
          ? `${made.id} is in force: this organisation is one person`
          : `${made.id} waits for a second person: ${shell.called} waiver sign ${made.id}`,
      ]);
    });
  noun
    .command("sign")
    .description("sign what another person asked for")
    .argument("<waiver>")
    .action(async (id: string) => {
      await (await shell.client()).rules.signWaiver(id);
      shell.answer({ signed: id }, () => [`signed ${line(id)}: it is in force`]);
    });
  noun
    .command("end")
    .description("end one before its time")
    .argument("<waiver>")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, options: { reason: string }) => {
      await (await shell.client()).rules.endWaiver(id, options.reason);
      shell.answer({ ended: id }, () => [`ended ${line(id)}`]);
    });
};
