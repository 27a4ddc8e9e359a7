import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import { readSecret } from "./prompt.ts";

export const secret: Noun = (program, shell) => {
  const noun = program
    .command("secret")
    .description("credentials of upstream servers, sealed; an agent never sees one");
  noun
    .command("list", { isDefault: true })
    .description("names and versions; never values")
    .action(async () => {
      const secrets = await (await shell.client()).rules.secrets();
      shell.answer({ secrets }, () =>
        table(
          ["secret", "version", "since (UTC)"],
          secrets.map((one) => [one.name, String(one.version), one.at]),
          shell.paint,
        ),
      );
    });
  noun
    .command("put")
    .description("keep a value; it is typed unseen or piped in, and never stands in the command line")
    .argument("<name>", "as `secret://name` refers to it")
    .action(async (name: string) => {
      const client = await shell.client();
      const value = await readSecret(shell.terminal, `value of ${line(name, 100)}: `);
      const kept = await client.rules.putSecret(name, value);
      shell.answer(kept, () => [`kept ${line(kept.name)}, version ${kept.version}`]);
    });
};
