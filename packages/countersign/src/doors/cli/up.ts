import { settings } from "../../config.ts";
import type { Noun } from "./command.ts";

export const up: Noun = (program, shell) => {
  const width = Math.max(...Object.keys(settings).map((name) => name.length));
  const rows = Object.entries(settings).map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`);
  program
    .command("up")
    .description("start the server in this folder's workspace; Ctrl-C stops it")
    .option(
      "--invite <address>",
      "print a one-time login link for this person; at the very first start the first admin gets one",
    )
    .addHelpText("after", `\nSettings, from the environment:\n${rows.join("\n")}`)
    .action(async (options: { invite?: string }) => {
      shell.exit = await shell.terminal.serve({ env: shell.terminal.env, invitesFirst: true, ...options });
    });
};
