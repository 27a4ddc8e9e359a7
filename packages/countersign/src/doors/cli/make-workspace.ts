import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadPacks } from "../../catalog/index.ts";
import { Problem } from "../../floor/problem.ts";
import { check, read, sentence, type WorkspaceFiles } from "../../workspace/index.ts";
import { gather } from "./command.ts";
import { type FirstWorkflow, workspaceFiles } from "./first-workflow.ts";
import { line } from "./paint.ts";
import { prompt } from "./prompt.ts";
import type { Shell } from "./shell.ts";

/** What a person has said already, on the command line. */
export interface Given {
  readonly workspace?: string;
  readonly organisation?: string;
  readonly owner?: string;
  readonly approver?: string;
  readonly workflow?: string;
  readonly purpose?: string;
  readonly agent?: string;
  readonly folder: string;
  readonly allow?: readonly string[];
  readonly ask?: readonly string[];
  readonly block?: readonly string[];
}

/** A first workspace, of what was given and what is asked for. Writes files only once they hold together. */
export async function makeWorkspace(shell: Shell, given: Given): Promise<void> {
  const folder = shell.folder(given.workspace);
  await mkdir(folder, { recursive: true });
  const there = await read(folder);
  const taken = Object.keys(there.files).filter((file) => !file.startsWith("tools/"));
  if (taken.length > 0)
    throw new Problem("conflict", `there is a workspace here already: \`${taken[0]}\``, {
      help: "edit its files, then `countersign check`",
    });
  const ownTools = Object.fromEntries(Object.entries(there.files).filter(([file]) => file.startsWith("tools/")));
  const first = await complete(shell, given, Object.keys(ownTools).length > 0);
  const made = workspaceFiles(first);
  const whole: WorkspaceFiles = { ...made, ...ownTools };
  const { problems } = check(whole, { packs: await loadPacks() });
  const fault = problems.find((one) => one.severity === "error");
  if (fault !== undefined) throw new Problem("invalid", line(sentence(fault)), { help: "nothing was written" });
  await writeAll(folder, { ...made, ".gitignore": ".countersign/\n" }, given.folder);
  const files = Object.keys(made);
  shell.answer({ folder, files, workflow: first.workflow, agent: first.agent }, () => [
    ...files.map((file) => `wrote ${file}`),
    "",
    "next:",
    `  ${shell.called} check`,
    `  ${shell.called} up`,
    ...(first.approver === undefined ? [] : [`  ${shell.called} person invite ${first.approver} --local`]),
    `  ${shell.called} agent key issue ${first.agent} --environment sandbox`,
    `  ${shell.called} waiver propose --agent ${first.agent} --workflow ${first.workflow} --tier 2 --days 14 --reason "first trial"`,
  ]);
}

/** What was not given is asked for; where nobody can be asked, it is named. */
async function complete(shell: Shell, given: Given, hasTools: boolean): Promise<FirstWorkflow> {
  const isAsked = shell.terminal.stdin.isTTY === true;
  const missing: string[] = [];
  const need = async (name: string, value: string | undefined, question: string): Promise<string> => {
    if (value !== undefined && value.trim() !== "") return value.trim();
    if (!isAsked) {
      missing.push(`--${name}`);
      return "";
    }
    return insist(shell, question, name);
  };
  const organisation = await need("organisation", given.organisation, "organisation: ");
  const workflow = await need("workflow", given.workflow, "name of the workflow, such as support-replies: ");
  const purpose = await need("purpose", given.purpose, "what is it for, in a sentence: ");
  const owner = await need("owner", given.owner, "who answers for it (one person's e-mail address): ");
  const agent = await need("agent", given.agent, "the agent that works in it, such as scribe: ");
  const approver =
    given.approver ??
    (isAsked
      ? (await prompt(shell.terminal, "a second person, who approves too (empty: there is none): ")).trim()
      : "");
  let rules = { allow: given.allow ?? [], ask: given.ask ?? [], block: given.block ?? [] };
  if (isEmpty(rules) && isAsked) rules = await askRules(shell, hasTools);
  if (isEmpty(rules)) missing.push("--allow, --ask or --block");
  if (missing.length > 0) {
    throw new Problem("invalid", `a workflow begins with its owner and its rules; missing: ${missing.join(", ")}`, {
      help: "run it at a terminal to be asked; nothing was written",
    });
  }
  return {
    organisation,
    workflow,
    purpose,
    owner,
    agent,
    ...rules,
    ...(approver === "" ? {} : { approver }),
    ...(hasTools ? {} : { folder: given.folder }),
  };
}

async function insist(shell: Shell, question: string, name: string): Promise<string> {
  for (let tries = 0; tries < 3; tries++) {
    const said = (await prompt(shell.terminal, question)).trim();
    if (said !== "") return said;
  }
  throw new Problem("invalid", `there is no workflow without \`${name}\``, { help: "nothing was written" });
}

interface Rules {
  readonly allow: readonly string[];
  readonly ask: readonly string[];
  readonly block: readonly string[];
}

function isEmpty(rules: Rules): boolean {
  return rules.allow.length + rules.ask.length + rules.block.length === 0;
}

async function askRules(shell: Shell, hasTools: boolean): Promise<Rules> {
  if (!hasTools) {
    const pack = (await loadPacks()).get("filesystem@1");
    const verbs = Object.entries(pack?.tools ?? {}).map(([name, rule]) => `files.${name} (${rule.verb})`);
    shell.note(`a server for files comes with it; its tools: ${verbs.join(", ")}`);
  }
  shell.note("the rules of the road: tools as `server.tool`, with commas; what is named nowhere is refused");
  const asked = async (question: string) => gather(await prompt(shell.terminal, question), undefined);
  for (let tries = 0; tries < 3; tries++) {
    const rules = {
      allow: await asked("may do without asking: "),
      ask: await asked("a person approves each time: "),
      block: await asked("is always refused: "),
    };
    if (!isEmpty(rules)) return rules;
    shell.note("at least one tool must be named in one of them");
  }
  return { allow: [], ask: [], block: [] };
}

async function writeAll(folder: string, files: WorkspaceFiles, sandbox: string): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text, { flag: "wx" }).catch((cause: unknown) => {
      if (file === ".gitignore") return;
      throw new Problem("conflict", `\`${file}\` is there already, or cannot be written`, { cause });
    });
  }
  await mkdir(join(folder, sandbox), { recursive: true });
}
