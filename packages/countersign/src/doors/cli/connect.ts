import { bridgeJson, bridgeOf, claudeCommand, codexToml, doorOf, httpJson } from "./client-settings.ts";
import type { Noun } from "./command.ts";

/** Where the agent's key goes; it is never printed. */
const placeholder = "csk_…";

export const connect: Noun = (program, shell) => {
  program
    .command("connect")
    .description("what an agent's client is set up with, by address and as a command that it starts from any folder")
    .option("--server <name>", "one server under its own tool names")
    .action(async (options: { server?: string }) => {
      const { url } = await shell.server();
      const settings = { url, key: placeholder, ...options };
      const { bold, dim } = shell.paint;
      shell.answer({ url: doorOf(settings), bridge: bridgeOf(settings) }, () => [
        bold("A client that opens addresses"),
        `  ${claudeCommand(settings)}`,
        dim("  or, in its .mcp.json:"),
        `  ${httpJson(settings)}`,
        "",
        bold("A client that starts a command"),
        dim("  in its .mcp.json:"),
        `  ${bridgeJson(settings)}`,
        dim("  or, in ~/.codex/config.toml:"),
        ...codexToml(settings).map((one) => `  ${one}`),
        "",
        dim(`${placeholder} is the agent's key: ${shell.called} agent key issue AGENT --environment sandbox`),
      ]);
    });
};
