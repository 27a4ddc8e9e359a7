import { askLocal } from "../local/ask-local.ts";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";

export const person: Noun = (program, shell) => {
  const noun = program.command("person").description("people, and their way in");
  noun
    .command("list")
    .description("everyone, with roles and groups")
    .action(async () => {
      const people = await (await shell.client()).identity.people();
      shell.answer({ people }, () =>
        table(
          ["person", "name", "roles", "groups"],
          people.map((one) => [one.email, one.name, one.roles.join(" "), one.groups.join(" ")]),
          shell.paint,
        ),
      );
    });
  noun
    .command("invite")
    .description("a login link: it works once, within ten minutes; whom you let in counts as one person with you")
    .argument("<address>")
    .option("--local", "of the server's own, from its data folder on this machine: nobody vouches for that login")
    .action(async (address: string, options: { local?: true }) => {
      const link =
        options.local === true
          ? await askLocal(shell.config.dataFolder, address)
          : await (await shell.client()).identity.invite(address);
      shell.note(`give this to ${line(address)} only; it works once, until ${link.expiresAt}:`);
      shell.answer(link, () => [link.url]);
    });
};
