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
          ["person", "name", "roles", "groups", "passkeys", ""],
          people.map((one) => [
            one.email,
            one.name,
            one.roles.join(" "),
            one.groups.join(" "),
            String(one.passkeys),
            one.disabled ? "disabled" : one.newcomer ? "let in by the provider" : "",
          ]),
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
  noun
    .command("gaps")
    .description("what nobody answers for, or only one person could")
    .action(async () => {
      const gaps = await (await shell.client()).identity.gaps();
      shell.answer({ gaps }, () =>
        gaps.length === 0
          ? ["no gaps"]
          : table(
              ["", "name", "gap"],
              gaps.map((one) => [one.kind, one.name, one.sentence]),
              shell.paint,
            ),
      );
    });
  noun
    .command("end-logins")
    .description("log a person out everywhere at once: browsers, command lines, unused links")
    .argument("<address>")
    .requiredOption("--reason <sentence>")
    .option("--forget", "also their passkeys, and what the identity provider said of them")
    .action(async (address: string, options: { reason: string; forget?: true }) => {
      const client = await shell.client();
      const ended = await client.identity.endLogins(address, options.reason, options.forget === true);
      shell.answer(ended, () => [
        `${line(address)} is logged out: ${ended.sessions} sessions, ${ended.credentials} command lines, ${ended.passkeys} passkeys`,
        shell.paint.dim(`${shell.called} receipt ${ended.receipt.split("/").at(-1) ?? ""}`),
      ]);
    });
};
