import type { Edited } from "@countersign/client";
import type { Command } from "commander";
import { objectOf } from "./actions.ts";
import { exitOf } from "./exit.ts";
import { type LookOptions, lookAt } from "./look-at.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface EditOptions extends LookOptions {
  readonly args: string;
  readonly reason: string;
}

/** Adds `approvals edit`. */
export function edit(noun: Command, shell: Shell): void {
  noun
    .command("edit")
    .description("make another call of it and approve that: a new action, decided from the start")
    .argument("<action>")
    .requiredOption("--args <json>", "all arguments of the edited call")
    .requiredOption("--reason <text>", "why; it goes back to the agent")
    .option("--digest <sha256>", "refuse where the call is not this one (`callDigest` of `approvals show --json`)")
    .option("--yes", "do not ask again")
    .action(async (id: string, { args, reason, ...options }: EditOptions) => {
      const changed = objectOf(args);
      const client = await shell.client();
      const { opened: _, ...shown } = await lookAt(shell, client, id, "make the edited call of this", options);
      const made = await client.approvals.edit(id, { ...shown, arguments: changed, reason });
      const edited = made.counts ? await client.actions.get(made.edited.id, 5_000) : made.edited;
      shell.exit = exitOf(edited);
      shell.answer({ ...made, edited }, () => editLines(shell, { ...made, edited }));
    });
}

function editLines(shell: Shell, { edited, first, counts, notCounted }: Edited): readonly string[] {
  const { dim, warn } = shell.paint;
  if (first.state === "held")
    return [warn(`the edited call is refused, and ${first.id} is held as before: ${line(edited.sentence)}`)];
  const how =
    notCounted === undefined
      ? `edited ${first.id}${counts ? " and approved" : ""}: ${edited.id} is ${edited.state} now`
      : `edited ${first.id}: ${edited.id} is ${edited.state} now, and not approved by that: ${line(notCounted)}`;
  return [how, dim(`${shell.called} receipt ${edited.id}`)];
}
