import type { RuleBinding, TestPaged, WorkflowRow } from "@countersign/client";
import { exits } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import { receiptCommand } from "./receipt-command.ts";
import type { Shell } from "./shell.ts";
import { roadCommands } from "./workflow-road.ts";

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
  roadCommands(noun, shell);
  noun
    .command("test-page")
    .description("send a page that says it is a test to whom the escalation names first")
    .argument("<name>")
    .option("--all", "every step of the escalation")
    .action(async (name: string, options: { all?: true }) => {
      const paged = await (await shell.client()).notices.testPage(name, options.all === true);
      if (paged.failed.length > 0 || paged.unreached.length > 0) shell.exit = exits.doesNotHold;
      shell.answer(paged, () => pageLines(paged, shell));
    });
};

function pageLines(paged: TestPaged, shell: Shell): readonly string[] {
  const { good, bad, dim } = shell.paint;
  const to = (one: { readonly channel: string; readonly person: string | null }): string =>
    `${line(one.channel)}${one.person === null ? "" : ` to ${line(one.person)}`}`;
  return [
    ...paged.steps.map((step) => `${line(step.to)}: ${step.people.map((one) => line(one)).join(", ") || "nobody"}`),
    ...paged.delivered.map((one) => `  ${good("delivered")}  ${to(one)}`),
    ...paged.failed.map(
      (one) => `  ${bad("failed")}     ${to(one)}: ${line(one.why)}${one.triesAgain ? "; it is tried again" : ""}`,
    ),
    ...paged.unreached.map((one) => `  ${bad("unreached")}  ${line(one)}: no channel reached them`),
    dim(receiptCommand(shell, paged.receipt)),
  ];
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

/** Said before the rules that do not bite. */
function observedLines({ mode, pattern }: WorkflowRow, { paint }: Shell): readonly string[] {
  const { kind, until } = (mode ?? {}) as { readonly kind?: unknown; readonly until?: unknown };
  if (kind !== "observe" || typeof until !== "string" || until < new Date().toISOString().slice(0, 10)) return [];
  const writes = pattern === "copilot-only" ? "executions" : "executions in production";
  return [
    paint.warn(
      `only observed until ${line(until)}: until then what these rules refuse or ask about passes and is recorded, but for ${writes}`,
    ),
  ];
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
    ...observedLines(found, shell),
    ...rows.flatMap(([name, tools]) => [
      `${name}:`,
      ...(tools.length === 0 ? ["  nothing"] : tools.map((one) => `  ${line(one)}`)),
    ]),
  ];
}
