import { isId } from "../../floor/id.ts";
import { Problem } from "../../floor/problem.ts";
import { Secret } from "../../floor/secret.ts";
import { visible } from "../../floor/visible.ts";
import type { Noun } from "./command.ts";

export const mcp: Noun = (program, shell) => {
  program
    .command("mcp")
    .description(
      "bridge for clients that start a command: MCP on standard input and output, an agent's key in COUNTERSIGN_KEY",
    )
    .option("--server <name>", "one server under its own tool names")
    .option("--run <run>", "the run that every call belongs to, opened beforehand")
    .action(async (options: { server?: string; run?: string }) => {
      const { url } = await shell.server();
      const key = shell.config.key;
      if (key === undefined)
        throw new Problem("not_authenticated", "there is no agent's key", { help: "put it into COUNTERSIGN_KEY" });
      const { run = "" } = options;
      if (options.run !== undefined && !isId("run", run))
        throw new Problem("invalid", `\`${visible(run).slice(0, 60)}\` names no run`, {
          help: "a run's name begins with `run_`: `countersign runs open` prints it",
        });
      const path = options.server === undefined ? "/mcp" : `/mcp/${encodeURIComponent(options.server)}`;
      const [{ runBridge }, { createLog }] = await Promise.all([
        import("../mcp/bridge.ts"),
        import("../../floor/log.ts"),
      ]);
      await runBridge({
        url: new URL(path, url).href,
        key: new Secret(key.reveal()),
        ...(options.run === undefined ? {} : { run: options.run }),
        input: shell.terminal.stdin,
        output: shell.terminal.stdout,
        log: createLog(shell.config.log),
      });
    });
};
