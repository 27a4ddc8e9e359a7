import type { ApprovalReport } from "@countersign/client";
import type { Command } from "commander";
import { whole } from "./command.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface ReportOptions {
  readonly weeks: number;
  readonly until?: string;
  readonly zone?: string;
  readonly workflow?: string;
}

/** Adds `approvals report`. */
export function approvalsReport(noun: Command, shell: Shell): void {
  noun
    .command("report")
    .description(
      "what people were asked and by which rule, and what went through without one, against the period before",
    )
    .option("--weeks <count>", "how many weeks, 1 to 26", whole, 4)
    .option("--until <day>", "the last day of the period, such as `2026-11-22`; up to now where missing")
    .option("--zone <name>", "the time zone whose days count, such as `Europe/Berlin`; UTC where missing")
    .option("--workflow <name>", "this workflow alone; its DRI may ask for it")
    .action(async (options: ReportOptions) => {
      const report = await (await shell.client()).approvals.report(options);
      shell.answer(report, () => reportLines(report, shell));
    });
}

function reportLines(report: ApprovalReport, shell: Shell): readonly string[] {
  const { period, before, allHands, weeks, isWhole, erased } = report;
  const both = (
    name: keyof typeof period & ("questions" | "allHands" | "asked" | "alone" | "aloneWrites" | "granted" | "observed"),
  ) => [String(period[name]), String(before[name])];
  return [
    shell.paint.bold(line(report.sentence)),
    ...table(
      ["", `${weeks} weeks to ${period.until.slice(0, 10)}`, "before"],
      [
        ["questions to people", ...both("questions")],
        ["  of these all-hands", ...both("allHands")],
        ["actions that people were asked about", ...both("asked")],
        ["through without a person", ...both("alone")],
        ["  of these more than reads", ...both("aloneWrites")],
        ["through on a grant", ...both("granted")],
        ["through because a rule is only observed", ...both("observed")],
      ],
      shell.paint,
    ),
    "",
    ...table(
      ["workflow", "rule", "questions", "all-hands", "people", "approvals", "waited (p50, p90)", "open"],
      period.rules.map((rule) => [
        rule.workflow,
        rule.policy,
        String(rule.questions),
        String(rule.allHands),
        rule.people === null ? "" : String(rule.people),
        String(rule.approvals),
        rule.waitMs === null ? "" : `${seconds(rule.waitMs.p50)}, ${seconds(rule.waitMs.p90)}`,
        String(rule.open),
      ]),
      shell.paint,
    ),
    shell.paint.dim(
      `all-hands: more than ${allHands.people} people could answer, or more than ${allHands.approvals} approvals were needed`,
    ),
    "",
    ...answerTimeLines(report.answerTimes, shell),
    ...(period.unmeasured + before.unmeasured === 0
      ? []
      : [`${period.unmeasured + before.unmeasured} questions are older than the count of who could answer them`]),
    ...(erased === 0 ? [] : [`${erased} actions were erased and are not counted`]),
    ...(isWhole ? [] : [shell.paint.warn("there are more actions than are looked at: the oldest are missing")]),
  ];
}

/** How fast people answer now, of each workflow. */
function answerTimeLines(
  { workflows, overMs, isWhole }: ApprovalReport["answerTimes"],
  shell: Shell,
): readonly string[] {
  const days = `the last ${Math.round(overMs / 8_640_000) / 10} days`;
  if (workflows.length === 0) return [shell.paint.dim(`how fast people answered, over ${days}: nobody was asked`)];
  return [
    shell.paint.dim(`how fast people answered, over ${days}:`),
    ...workflows.map(({ workflow, state, sentence }) => {
      const told = line(`${workflow}: ${sentence}`);
      return state === "missed" || state === "at_risk" ? shell.paint.warn(told) : told;
    }),
    ...(isWhole ? [] : [shell.paint.warn("more was asked than is looked at: the oldest are missing")]),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
