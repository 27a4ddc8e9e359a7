import type { Action, ActionFilter, ActionLine } from "@countersign/client";
import type { JsonObject } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import { duration, type Noun, whole } from "./command.ts";
import { exitOf } from "./exit.ts";
import { line, lines, stateMark, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface SubmitOptions {
  readonly args: string;
  readonly run?: string;
  readonly claim?: string;
  readonly environment?: string;
  readonly wait?: number;
  readonly key?: string;
}

interface ListOptions extends ActionFilter {
  readonly limit: number;
}

export const actions: Noun = (program, shell) => {
  const noun = program.command("actions").description("what agents do: list, look, ask for one, call one off");
  noun
    .command("list", { isDefault: true })
    .description("the newest actions")
    .option("--workflow <name>")
    .option("--agent <name>")
    .option("--run <id>")
    .option("--tool <tool>", "as `server.tool`")
    .option("--state <state>", "one of the states of an action, such as `refused`")
    .option("--risk <level>", "`low`, `medium` or `high`, as people were told who were asked")
    .option("--target <text>", "what it acted on, or whole words of that")
    .option("--since <moment>", "asked for from then on: a day in UTC, or a moment as RFC 3339 writes it")
    .option("--until <moment>", "asked for on that day at the latest, or before that moment")
    .option("--limit <count>", "how many at most", whole, 20)
    .action((options: ListOptions) => list(shell, options));
  noun
    .command("show")
    .description("one action, as it is now")
    .argument("<action>")
    .option("--wait <duration>", "wait this long for its end", duration)
    .action(async (id: string, options: { wait?: number }) => {
      showAction(shell, await (await shell.client()).actions.get(id, Math.min(options.wait ?? 0, 60_000)));
    });
  noun
    .command("submit")
    .description("ask for an action, with an agent's key in COUNTERSIGN_KEY")
    .argument("<tool>", "as `server.tool`")
    .option("--args <json>", "its arguments, or `-` to read them from standard input", "{}")
    .option("--run <id>", "the run it belongs to")
    .option("--claim <text>", "why; shown to people as the agent's own words")
    .option("--environment <name>", "refused where the target lies elsewhere")
    .option("--wait <duration>", "wait this long for people's answer, at most a minute", duration)
    .option("--key <text>", "an idempotency key: the same one never does it twice")
    .action((tool: string, options: SubmitOptions) => submit(shell, tool, options));
  noun
    .command("cancel")
    .description("call off what is held")
    .argument("<action>")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, options: { reason: string }) => {
      const view = await (await shell.client()).actions.cancel(id, options.reason);
      shell.answer(view, () => actionLines(shell, view));
    });
  noun
    .command("reply")
    .description("answer what approvers asked back, with an agent's key in COUNTERSIGN_KEY")
    .argument("<action>")
    .requiredOption("--reply <text>", "what the agent says; it is shown as a claim")
    .option("--question <number>", "which question; the oldest open one where missing", whole)
    .action(async (id: string, options: { readonly reply: string; readonly question?: number }) => {
      showAction(shell, await (await shell.client()).actions.reply(id, options));
    });
};

async function list(shell: Shell, { limit, ...filter }: ListOptions): Promise<void> {
  const found: ActionLine[] = [];
  for await (const one of (await shell.client()).actions.list({ ...filter, limit: Math.min(limit, 200) })) {
    if (found.push(one) >= limit) break;
  }
  shell.answer({ actions: found }, () => {
    if (found.length === 0)
      return [Object.values(filter).every((value) => value === undefined) ? "no actions yet" : "no actions fit"];
    const rows = found.map((one) => [
      one.id,
      one.state,
      one.at.slice(0, 19).replace("T", " "),
      one.agent ?? "-",
      one.tool ?? "-",
    ]);
    return table(["action", "state", "at (UTC)", "agent", "tool"], rows, shell.paint);
  });
}

async function submit(shell: Shell, tool: string, options: SubmitOptions): Promise<void> {
  const dot = tool.indexOf(".");
  if (dot < 1)
    throw new Problem("invalid", `\`${tool.slice(0, 80)}\` does not name a tool`, { help: "as `server.tool`" });
  const text = options.args === "-" ? await readAll(shell) : options.args;
  const view = await (await shell.client()).actions.submit(
    {
      server: tool.slice(0, dot),
      tool: tool.slice(dot + 1),
      arguments: objectOf(text),
      ...(options.run === undefined ? {} : { run: options.run }),
      ...(options.claim === undefined ? {} : { claim: options.claim }),
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      waitMs: Math.min(options.wait ?? 0, 60_000),
    },
    options.key === undefined ? {} : { idempotencyKey: options.key },
  );
  showAction(shell, view);
}

/** Prints it, and ends as it ended: a refusal is an answer and not an error. */
export function showAction(shell: Shell, view: Action): void {
  shell.exit = exitOf(view);
  shell.answer(view, () => actionLines(shell, view));
}

export function actionLines(shell: Shell, view: Action): readonly string[] {
  const { bold, dim } = shell.paint;
  const asked = view.requirements.map((one) => `  needs ${line(one.sentence)}`);
  const result = view.result === undefined ? [] : resultLines(view.result).map((one) => `  ${one}`);
  return [
    `${bold(view.id)}  ${stateMark(shell.paint, view.state)}${view.refusal === undefined ? "" : ` (${line(view.refusal)})`}`,
    `${line(view.agent)}: ${line(`${view.server}.${view.tool}`)} on ${line(view.target)} (${line(view.environment)})`,
    line(shell.inTheirWords(view.sentence)),
    ...asked,
    ...(result.length === 0
      ? []
      : [view.isError === true ? "its server answered with an error:" : "its server answered:", ...result]),
    dim(`${shell.called} receipt ${view.id}`),
  ];
}

/** What a tool's result says in words, or its JSON. */
export function resultLines(result: unknown, most = 40): readonly string[] {
  const content = typeof result === "object" && result !== null && "content" in result ? result.content : undefined;
  const texts = (Array.isArray(content) ? content : []).flatMap((part: unknown) =>
    typeof part === "object" && part !== null && "text" in part && typeof part.text === "string" ? [part.text] : [],
  );
  return lines(texts.length > 0 ? texts.join("\n") : (JSON.stringify(result, null, 2) ?? ""), most, 400);
}

async function readAll(shell: Shell): Promise<string> {
  let text = "";
  for await (const chunk of shell.terminal.stdin) text += String(chunk);
  return text;
}

export function objectOf(text: string, option = "args"): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // said below
  }
  throw new Problem("invalid", `what stands after \`--${option}\` is not a JSON object`, {
    help: `such as \`--${option} '{"path": "a.txt"}'\``,
  });
}
