import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";

export const unknowns: Noun = (program, shell) => {
  const noun = program.command("unknowns").description("actions that were sent and never answered");
  noun
    .command("list", { isDefault: true })
    .description("what nobody knows yet")
    .action(async () => {
      const found = await (await shell.client()).unknowns.list();
      shell.answer({ unknowns: found }, () =>
        found.length === 0
          ? ["nothing is unknown"]
          : table(
              ["action", "tool", "target", "since (UTC)", "what is known"],
              found.map((one) => [
                one.id,
                `${one.server}.${one.tool}`,
                one.target,
                one.openedAt.slice(0, 19).replace("T", " "),
                one.sentence,
              ]),
              shell.paint,
            ),
      );
    });
  noun
    .command("settle")
    .description("say what became of one")
    .argument("<action>")
    .requiredOption("--happened <yes|no>", "whether the deed happened")
    .requiredOption("--evidence <text>", "how you know")
    .action(async (id: string, options: { happened: string; evidence: string }) => {
      if (options.happened !== "yes" && options.happened !== "no")
        throw new Problem("invalid", "`--happened` is `yes` or `no`");
      await (await shell.client()).unknowns.settle(id, {
        happened: options.happened === "yes",
        evidence: options.evidence,
      });
      shell.answer({ settled: id, happened: options.happened === "yes" }, () => [`settled ${line(id)}`]);
    });
};

export const alerts: Noun = (program, shell) => {
  const noun = program.command("alerts").description("what people should look at");
  noun
    .command("list", { isDefault: true })
    .description("the open ones, the oldest first")
    .action(async () => {
      const found = await Array.fromAsync((await shell.client()).alerts.list());
      shell.answer({ alerts: found }, () =>
        found.length === 0
          ? ["no alerts"]
          : table(
              ["alert", "kind", "about", "what"],
              found.map((one) => [one.id, one.kind, one.subject, one.sentence]),
              shell.paint,
            ),
      );
    });
  noun
    .command("settle")
    .description("put one away, with a reason; most end by themselves when what they say is over")
    .argument("<alert>")
    .requiredOption("--reason <text>", "why nobody has to look at it any more")
    .action(async (id: string, options: { reason: string }) => {
      const settled = await (await shell.client()).alerts.settle(id, options.reason);
      shell.answer(settled, () => [`settled ${line(id)}`]);
    });
};
