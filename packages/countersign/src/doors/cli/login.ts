import { hostname } from "node:os";
import { connect } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { keepLogin } from "./credentials.ts";
import { line } from "./paint.ts";
import { readSecret } from "./prompt.ts";

export const login: Noun = (program, shell) => {
  program
    .command("login")
    .description("use a one-time login link up; the credential is kept in a file that only you can read")
    .action(async () => {
      const { origin, link } = linkOf(await readSecret(shell.terminal, "paste the login link: "));
      const url = shell.url ?? shell.config.serverUrl ?? origin ?? (await shell.server()).url;
      const client = connect({ url, door: "cli" });
      const made = await client.identity.logIn(link, hostname().slice(0, 100));
      const file = await keepLogin(shell.terminal, client.origin, made);
      shell.answer({ person: made.person, server: client.origin, expiresAt: made.expiresAt }, () => [
        `logged in to ${client.origin} as ${line(made.person)}, until ${line(made.expiresAt)}`,
        shell.paint.dim(`kept in ${file}`),
      ]);
    });
  program
    .command("whoami")
    .description("who the server takes you for")
    .action(async () => {
      const me = await (await shell.client()).identity.me();
      shell.answer(me, () => [
        me.kind === "agent"
          ? `${line(me.agent)}, an agent of ${line(me.workflow)} at tier ${me.tier}${me.onBehalfOf === null ? "" : `, for ${line(me.onBehalfOf)}`}; ${line(me.dri)} answers for it`
          : `${line(me.name)} <${line(me.email)}>: ${line(me.roles.join(", "))}; in ${line(me.groups.join(", "))}`,
        ...(me.kind === "person" && me.vouchedBy.length > 0
          ? [`let in by ${line(me.vouchedBy.join(" and "))}: where two people are asked for, you count as one`]
          : []),
      ]);
    });
};

/** The link's own text, out of the address that was printed or by itself. */
function linkOf(given: string): { readonly origin: string | undefined; readonly link: string } {
  const found = /\bcsl_[0-9a-hjkmnp-tv-z]{26}_[0-9A-Za-z]{49}\b/.exec(given.trim());
  if (found === null)
    throw new Problem("invalid", "this is not a login link", {
      help: "an admin makes one with `countersign person invite`",
    });
  const address = given.trim();
  return { origin: URL.canParse(address) ? new URL(address).origin : undefined, link: found[0] };
}
