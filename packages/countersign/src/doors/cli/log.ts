import { open, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { parseTrust } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { json, line } from "./paint.ts";
import { receiptCommand } from "./receipt-command.ts";

export const log: Noun = (program, shell) => {
  const noun = program.command("log").description("the ledger's signed tree");
  noun
    .command("checkpoint")
    .description("the latest signed checkpoint")
    .option("--trust <file>", "verify it under this trust file, and that the log only grew since it was last seen")
    .action(async (options: { trust?: string }) => {
      const client = await shell.client();
      if (options.trust === undefined) {
        const note = await client.ledger.checkpoint();
        return shell.answer({ note }, () => [note.trimEnd()]);
      }
      const followed = await client.ledger.follow(parseTrust(await shell.readText(options.trust)));
      return shell.answer({ note: followed.note, since: followed.since, size: followed.checkpoint.size }, () => [
        followed.note.trimEnd(),
        {
          first: "pinned for the first time",
          same: "the one that was pinned",
          consistent: "the log only grew since the pinned one",
        }[followed.since],
      ]);
    });
  noun
    .command("trust")
    .description("the keys to pin: keep this file where the server cannot change it")
    .action(async () => {
      const trust = await (await shell.client()).ledger.trust();
      shell.write([json(trust)]);
    });
  noun
    .command("export")
    .description("write the whole log into a file that verifies offline; for auditors")
    .argument("<file>", "a new file")
    .action(async (file: string) => {
      const lines = await (await shell.client()).ledger.export(new AbortController().signal);
      const bytes = await writeNew(resolve(shell.terminal.cwd, file), lines);
      return shell.answer({ file, bytes }, () => [
        `wrote ${line(file)}, ${bytes} bytes`,
        shell.paint.dim(`${shell.called} verify ${line(file)} --log --trust trust.json`),
      ]);
    });
  noun
    .command("rotate")
    .description("introduce a new signing key; the old one signs it in and never signs again")
    .action(async () => {
      const rotated = await (await shell.client()).ledger.rotate();
      return shell.answer(rotated, () => [rotated.vkey, shell.paint.dim(receiptCommand(shell, rotated.receipt))]);
    });
};

/** Whole or not at all; an existing file is not touched. */
async function writeNew(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw new Problem("conflict", `\`${line(path, 200)}\` is there already, or cannot be written`, { cause });
  });
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      await file.write(chunk);
      bytes += chunk.length;
    }
    await file.sync();
  } catch (cause) {
    await rm(path, { force: true });
    throw new Problem("unavailable", "the export broke off", { help: "try again", cause });
  } finally {
    await file.close();
  }
  return bytes;
}
