import { parseTrust } from "@countersign/contract";
import type { Noun } from "./command.ts";
import { json } from "./paint.ts";

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
    .command("rotate")
    .description("introduce a new signing key; the old one signs it in and never signs again")
    .action(async () => {
      const rotated = await (await shell.client()).ledger.rotate();
      return shell.answer(rotated, () => [rotated.vkey, `receipt ${rotated.receipt}`]);
    });
};
