import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { readRoad, roadFile } from "../../workflows/index.ts";
import { line, lines } from "./paint.ts";
import type { Shell } from "./shell.ts";

/** A workflow's rules of the road as prose, and such prose as a workflow's file. */
export function roadCommands(noun: Command, shell: Shell): void {
  noun
    .command("rules")
    .description("the rules of the road of one workflow as two paragraphs, made of what is in force")
    .argument("<name>")
    .action(async (name: string) => {
      const road = await (await shell.client()).rules.road(name);
      const [first, second] = road.paragraphs;
      shell.answer(road, () => [line(first, 60_000), "", line(second, 60_000)]);
    });
  noun
    .command("draft")
    .description("two such paragraphs, from a file or from standard input, back as the text of a workflow file")
    .argument("[file]")
    .action(async (file?: string) => {
      const draft = readRoad(file === undefined ? await piped(shell) : await shell.readText(file));
      const text = roadFile(draft);
      const { faults, named } = draft;
      const { bad } = shell.paint;
      shell.answer({ file: text, faults, named }, () => [
        ...lines(text.trimEnd()),
        ...faults.map(({ sentence, help }) => bad(`# not read: ${line(sentence)}: ${line(help)}`)),
      ]);
      if (faults.length > 0) shell.exit = exits.doesNotHold;
    });
}

async function piped(shell: Shell): Promise<string> {
  let text = "";
  for await (const chunk of shell.terminal.stdin) text += String(chunk);
  return text;
}
