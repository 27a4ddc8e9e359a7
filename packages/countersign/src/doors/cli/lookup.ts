import type { Found } from "@countersign/client";
import { problems } from "@countersign/contract";
import { type Noun, whole } from "./command.ts";
import { line, table } from "./paint.ts";
import { receiptLines } from "./receipt-lines.ts";
import type { Shell } from "./shell.ts";

export const lookup: Noun = (program, shell) => {
  program
    .command("lookup")
    .description("paste anything: an id, a run, a name, an address, a ticket, a commit, words; get the receipt")
    .argument("<text...>", "several words must all be there; in double quotes of their own they must follow each other")
    .option("--limit <count>", "how many at most", whole, 20)
    .option("--cursor <cursor>", "go on after the page before")
    .action((words: readonly string[], options: { limit: number; cursor?: string }) => look(shell, words, options));
};

async function look(
  shell: Shell,
  words: readonly string[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<void> {
  const client = await shell.client();
  const found = await client.receipts.lookup(words.join(" "), cursor, Math.min(limit, 200));
  const [only] = found.actions;
  const receipt =
    !shell.asJson && found.actions.length === 1 && found.next === undefined && only !== undefined
      ? await client.receipts.get(only.id)
      : undefined;
  if (found.actions.length === 0 && cursor === undefined) shell.exit = problems.not_found.exit;
  shell.answer(found, () => [
    ...(receipt !== undefined && "what" in receipt
      ? receiptLines(receipt, shell.paint, (text) => shell.inTheirWords(text))
      : foundLines(shell, found)),
    ...aboutLines(shell, found),
  ]);
}

function foundLines(shell: Shell, { actions }: Found): readonly string[] {
  if (actions.length === 0) return ["nothing found"];
  const rows = actions.map((one) => [
    one.id,
    one.state ?? "-",
    one.at.slice(0, 19).replace("T", " "),
    one.agent ?? "-",
    one.tool ?? "-",
    one.target ?? "",
  ]);
  return table(["action", "state", "at (UTC)", "agent", "tool", "target"], rows, shell.paint);
}

function aboutLines(shell: Shell, { searched, index, next }: Found): readonly string[] {
  const lines = [
    ...(searched === undefined ? [] : [`no whole word fits; the targets of ${searched} actions were looked through`]),
    ...(index.behind === 0
      ? []
      : [
          `indexed up to ${index.indexedUpTo}; ${index.behind} entries since then are not, and the newest were looked at`,
        ]),
    ...(next === undefined ? [] : [`there may be more: --cursor ${line(next)}`]),
  ];
  return lines.map(shell.paint.dim);
}
