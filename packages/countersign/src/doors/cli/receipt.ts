import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { deedLines } from "./deed-lines.ts";
import { line } from "./paint.ts";
import { receiptLines } from "./receipt-lines.ts";
import type { Shell } from "./shell.ts";

export const receipt: Noun = (program, shell) => {
  program
    .command("receipt")
    .description("the six questions about an action, answered")
    .argument("<id>", "an action, or a deed of people")
    .option("--bundle <file>", "write the file that verifies offline; an existing file is not touched")
    .option("--html", "a page that needs no JavaScript, on standard output")
    .action(async (id: string, options: { bundle?: string; html?: true }) => {
      const client = await shell.client();
      if (options.html === true) return shell.write([await client.receipts.html(id)]);
      if (options.bundle !== undefined) return bundle(shell, options.bundle, await client.receipts.bundle(id));
      const found = await client.receipts.get(id);
      return shell.answer(found, () =>
        "what" in found
          ? receiptLines(found, shell.paint, (text) => shell.inTheirWords(text))
          : deedLines(found, shell.paint),
      );
    });
};

async function bundle(shell: Shell, file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(resolve(shell.terminal.cwd, file), bytes, { flag: "wx" });
  } catch (cause) {
    throw new Problem("conflict", `\`${line(file, 200)}\` is there already, or cannot be written`, { cause });
  }
  shell.answer({ file, bytes: bytes.length }, () => [
    `wrote ${line(file)}, ${bytes.length} bytes`,
    shell.paint.dim(`${shell.called} verify ${line(file)} --trust trust.json`),
  ]);
}
