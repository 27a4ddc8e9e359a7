import type { Command } from "commander";
import { type LookOptions, lookAt } from "./look-at.ts";
import type { Shell } from "./shell.ts";

/** Adds `approvals ask`. */
export function askBack(noun: Command, shell: Shell): void {
  noun
    .command("ask")
    .description("ask the agent back; the action stays held")
    .argument("<action>")
    .requiredOption("--question <text>", "what the agent is asked")
    .option("--digest <sha256>", "refuse where the call is not this one (`callDigest` of `approvals show --json`)")
    .option("--yes", "do not ask again")
    .action(async (id: string, { question, ...options }: LookOptions & { readonly question: string }) => {
      const client = await shell.client();
      const { opened: _, ...shown } = await lookAt(shell, client, id, "ask this back", options);
      const view = await client.approvals.ask(id, { ...shown, question });
      shell.answer(view, () => [
        `asked: ${id} stays held until somebody answers it`,
        shell.paint.dim(`${shell.called} approvals show ${id}`),
      ]);
    });
}
