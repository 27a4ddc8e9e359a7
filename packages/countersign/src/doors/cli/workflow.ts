import type { RuleBinding, WorkflowRow } from "@countersign/client";
import { exits } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import { readRoad, roadFile } from "../../workflows/index.ts";
import type { Noun } from "./command.ts";
import { line, lines, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "-");

export const workflow: Noun = (program, shell) => {
  const noun = program.command("workflow").description("workflows: who answers for them and what they may do");
  noun
    .command("list")
    .description("every workflow in force")
    .action(async () => {
      const workflows = await (await shell.client()).rules.workflows();
      shell.answer({ workflows }, () =>
        table(
          ["workflow", "DRI", "tier", "pattern", "purpose"],
          workflows.map((one) => [one.name, one.dri, text(one.tier), text(one.pattern), text(one.purpose)]),
          shell.paint,
        ),
      );
    });
  noun
    .command("show")
    .description("the rules of the road of one workflow")
    .argument("<name>")
    .action(async (name: string) => {
      const client = await shell.client();
      const found = (await client.rules.workflows()).find((one) => one.name === name);
      if (found === undefined)
        throw new Problem("not_found", `there is no workflow \`${name.slice(0, 100)}\` in force`);
      const rules = (await client.policies.rules()).filter((one) => one.workflow === name);
      shell.answer({ ...found, rules }, () => [...rulesOfTheRoad(found, shell), ...ruleLines(rules, shell)]);
    });
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
};

async function piped(shell: Shell): Promise<string> {
  let text = "";
  for await (const chunk of shell.terminal.stdin) text += String(chunk);
  return text;
}

/** Rules in words with what enforces them; what nothing enforces is said. */
function ruleLines(rules: readonly RuleBinding[], shell: Shell): readonly string[] {
  const { good, bad, warn } = shell.paint;
  const mark = {
    enforced: good("enforced"),
    observed: warn("observed"),
    prose: bad("unenforced"),
    unbound: bad("unenforced"),
  };
  if (rules.length === 0) return [];
  return ["rules:", ...rules.map((one) => `  ${mark[one.state]}  ${line(one.rule)}: ${line(one.why)}`)];
}

function rulesOfTheRoad(found: WorkflowRow, shell: Shell): readonly string[] {
  const { bold } = shell.paint;
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const asks = list(found.ask).map((ask) => {
    const rule = ask as { readonly tool?: unknown; readonly from?: unknown; readonly count?: unknown };
    return `${text(rule.tool)} by ${text(rule.count)} of ${text(rule.from)}`;
  });
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["allowed", list(found.allow).map(text)],
    ["asked", asks],
    ["blocked", list(found.block).map(text)],
  ];
  return [
    `${bold(line(found.name))}: ${line(text(found.purpose))}`,
    `${line(found.dri)} answers for it; tier ${text(found.tier)}; agents: ${list(found.agents)
      .map(text)
      .map((one) => line(one))
      .join(", ")}`,
    ...rows.flatMap(([name, tools]) => [
      `${name}:`,
      ...(tools.length === 0 ? ["  nothing"] : tools.map((one) => `  ${line(one)}`)),
    ]),
  ];
}
