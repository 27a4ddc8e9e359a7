import { setTimeout as sleep } from "node:timers/promises";
import type { SealingState } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import { prompt, readSecret } from "./prompt.ts";
import type { Shell } from "./shell.ts";

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
  noun
    .command("remove")
    .description("destroy one, every version of it; nothing can use it any more")
    .argument("<name>", "as `secret list` shows it")
    .option("--although <reason>", "why it goes, where files in force still refer to it: what needs it fails then")
    .action(async (name: string, options: { although?: string }) => {
      const removed = await (await shell.client()).rules.removeSecret(name, options.although);
      const { receipt, usedBy, versions } = removed;
      shell.answer(removed, () => [
        `removed ${line(removed.name)}, ${versions === 1 ? "its one version" : `all ${versions} versions`}`,
        ...usedBy.map((one) => shell.paint.warn(`${line(one)} refers to it: what needs it fails from now on`)),
        shell.paint.dim(`receipt ${line(receipt.split("/").at(-1) ?? "")}`),
      ]);
    });
  noun
    .command("rotate-key")
    .description("a new sealing key; what the old one sealed is sealed anew, then the old one is dropped")
    .option("--no-wait", "do not wait for that; it goes on by itself, also after a restart")
    .option("--yes", "do not ask whether a copy of the old key file is kept for the backups made so far")
    .action((options: { wait: boolean; yes?: true }) => rotateKey(shell, options.wait, options.yes === true));
};

async function rotateKey(shell: Shell, waits: boolean, isSure: boolean): Promise<void> {
  if (!isSure) await makeSure(shell);
  const { rules } = await shell.client();
  const { before, receipt, ...rotated } = await rules.rotateSealing();
  let state: SealingState = rotated;
  while (waits && state.retiring.length > 0) {
    shell.progress(`${state.left} things are still sealed with ${line(before)}`);
    await sleep(500);
    state = await rules.sealing();
  }
  shell.answer({ ...state, before, receipt }, () => [
    state.retiring.length === 0
      ? `key ${line(state.keyId)} is in force; nothing is sealed with ${line(before)} any more, and it is gone`
      : `key ${line(state.keyId)} is in force; ${state.left} things are still sealed with ${line(before)}, until they are sealed anew`,
    shell.paint.dim(`receipt ${line(receipt.split("/").at(-1) ?? "")}`),
  ]);
}

/** Once the old key is gone, nobody can open what a backup made under it holds. */
async function makeSure(shell: Shell): Promise<void> {
  const { terminal } = shell;
  if (terminal.stdin.isTTY !== true) {
    throw new Problem("invalid", "backups made so far open with the key file as it is now", {
      help: "keep a copy of it as long as you keep them, and say `--yes`",
    });
  }
  const question = "Backups made so far open only with the key file as it is now. Is a copy kept? yes or no: ";
  if ((await prompt(terminal, question)).trim() !== "yes")
    throw new Problem("invalid", "not answered with yes: nothing was changed");
}
