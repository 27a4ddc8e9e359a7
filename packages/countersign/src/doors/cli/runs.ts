import type { RunBody, RunLine, RunView } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import { objectOf } from "./actions.ts";
import { type Noun, whole } from "./command.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface ListOptions {
  readonly workflow?: string;
  readonly agent?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

export const runs: Noun = (program, shell) => {
  const noun = program.command("runs").description("runs: what belongs together");
  noun
    .command("list", { isDefault: true })
    .description("runs, the one that acted last first")
    .option("--workflow <name>")
    .option("--agent <name>")
    .option("--since <moment>", "acted from then on: a day in UTC, or a moment as RFC 3339 writes it")
    .option("--until <moment>", "acted on that day at the latest, or before that moment")
    .option("--limit <count>", "how many at most", whole, 20)
    .action((options: ListOptions) => list(shell, options));
  noun
    .command("show")
    .description("one run: how it was opened, what it has read and what it did last")
    .argument("<run>")
    .action((id: string) => show(shell, id));
  noun
    .command("open")
    .description("open a run; one that a person opens carries its task from a trusted channel")
    .option("--agent <name>", "needed where a person opens it")
    .option("--task <text>", "what it is for")
    .option("--parent <run>", "the run that it is a part of")
    .option("--plan <file>", "the steps that it means to take, a JSON list of `tool` and, where it matters, `target`")
    .option("--parameters <json>", 'values that the task is about, such as \'{"customer": "C-17"}\'')
    .action(async ({ plan, parameters, ...options }: RunOptions) => {
      const run = await (await shell.client()).actions.openRun({
        ...options,
        ...(plan === undefined ? {} : { plan: stepsOf(await shell.readText(plan)) }),
        ...(parameters === undefined
          ? {}
          : { parameters: objectOf(parameters, "parameters") as NonNullable<RunBody["parameters"]> }),
      });
      shell.answer(run, () => [`${run.id}${run.trusted ? "" : "  (opened by an agent: counts as tainted)"}`]);
    });
  noun
    .command("close")
    .description("close a run: it takes no more calls; what was asked for before goes on, and can be undone")
    .argument("<run>")
    .action(async (id: string) => {
      const closed = await (await shell.client()).actions.closeRun(id);
      shell.answer(closed, () => [`${closed.id} is closed and takes no more calls`]);
    });
};

async function list(shell: Shell, { limit, ...filter }: ListOptions): Promise<void> {
  const client = await shell.client();
  const found: RunLine[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.actions.runs(filter, cursor);
    found.push(...page.runs);
    cursor = page.next;
    if (cursor === undefined || found.length >= limit) break;
  }
  const shown = found.slice(0, limit);
  shell.answer({ runs: shown }, () =>
    shown.length === 0
      ? [Object.values(filter).every((value) => value === undefined) ? "no runs yet" : "no runs fit"]
      : table(
          ["run", "last (UTC)", "agent", "workflow", "actions"],
          shown.map((one) => [
            one.id,
            one.at.slice(0, 19).replace("T", " "),
            one.agent ?? "-",
            one.workflow ?? "-",
            `${one.actions}${one.more ? " or more" : ""}${statesOf(one)}`,
          ]),
          shell.paint,
        ),
  );
}

function statesOf({ states }: RunLine): string {
  const counted = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return counted.length === 0 ? "" : ` (${counted.join(", ")})`;
}

async function show(shell: Shell, id: string): Promise<void> {
  const client = await shell.client();
  const run = await client.actions.run(id);
  const { actions } = await client.actions.page({ run: id, limit: 10 });
  shell.answer({ ...run, newest: actions }, () => [
    ...runLines(run, shell),
    ...(actions.length === 0
      ? ["it did nothing yet"]
      : table(
          ["action", "state", "at (UTC)", "tool"],
          actions.map((one) => [one.id, one.state, one.at.slice(0, 19).replace("T", " "), one.tool ?? "-"]),
          shell.paint,
        )),
  ]);
}

function runLines({ id, agent, workflow, opened, marks, reversal }: RunView, shell: Shell): readonly string[] {
  const how =
    opened === null
      ? ["nobody opened it: it is made up for a session, and counts as tainted"]
      : [
          `opened by ${line(opened.by)} at ${line(opened.at)}${opened.trusted ? "" : "; by an agent, so it counts as tainted"}`,
          ...(opened.closedAt === null ? [] : [`closed at ${line(opened.closedAt)}`]),
          ...(opened.task === null ? [] : [`task: ${line(opened.task)}`]),
          ...(opened.parent === null ? [] : [`a part of ${line(opened.parent)}`]),
        ];
  return [
    `${shell.paint.bold(line(id))}  ${line(agent)} in ${line(workflow)}`,
    ...how,
    ...(reversal === undefined ? [] : [`its reversal: ${line(shell.inTheirWords(reversal.sentence))}`]),
    ...marks.map((one) => `has read ${line(one.label)} (${line(one.kind)}) by ${line(one.tool)}: ${line(one.action)}`),
  ];
}

/** Its form is for the server to judge. */
interface RunOptions {
  readonly agent?: string;
  readonly task?: string;
  readonly parent?: string;
  readonly plan?: string;
  readonly parameters?: string;
}

function stepsOf(text: string): NonNullable<RunBody["plan"]> {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // said below
  }
  throw new Problem("invalid", "the plan is not a JSON list", {
    help: 'such as `[{"tool": "files.write_file", "target": "/srv/pages/welcome.md"}]`',
  });
}
