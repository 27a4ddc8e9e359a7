import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Review } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { addConnections } from "./connections.ts";
import { line, table } from "./paint.ts";
import { prompt } from "./prompt.ts";
import type { Shell } from "./shell.ts";

interface ReviewOptions {
  readonly approve?: string;
  readonly reject?: string;
}

export const tools: Noun = (program, shell) => {
  const noun = program.command("tools").description("upstream servers and their tools");
  noun
    .command("list", { isDefault: true })
    .description("every tool, and whether a person has reviewed it")
    .argument("[server]")
    .action(async (server: string | undefined) => {
      const catalog = await (await shell.client()).rules.catalog();
      const servers = catalog.servers.filter((one) => server === undefined || one.server === server);
      const rows = servers.flatMap((one) => one.tools);
      shell.answer({ servers, faults: catalog.faults }, () => [
        ...table(
          ["tool", "reviewed", "what its server says"],
          rows.map((one) => [one.id, one.reviewed ? "yes" : "no", (one.description ?? "").slice(0, 80)]),
          shell.paint,
        ),
        ...catalog.faults.map((fault) => `${shell.paint.warn(line(fault.server))}: ${line(fault.detail)}`),
      ]);
    });
  noun
    .command("diff")
    .description("what changed in definitions that wait for a review")
    .argument("[tool]", "as `server.tool`")
    .action(async (tool: string | undefined) => {
      const reviews = await waiting(shell, tool);
      shell.answer({ reviews }, () =>
        reviews.length === 0 ? ["nothing waits for a review"] : reviews.flatMap((one) => [...shown(one, shell), ""]),
      );
    });
  noun
    .command("review")
    .description("say whether a definition that was shown may be used")
    .argument("<tool>", "as `server.tool`")
    .option("--approve <digest>", "the digest that `tools diff` showed")
    .option("--reject <digest>", "the same, to refuse it")
    .action((tool: string, options: ReviewOptions) => review(shell, tool, options));
  noun
    .command("import")
    .description("make tools/*.yaml from a client's list of servers; credentials become references")
    .argument("<file>", "`.mcp.json`, or VS Code's `mcp.json`")
    .option("--workspace <folder>", "where the files go")
    .action((file: string, options: { workspace?: string }) =>
      importServers(shell, file, shell.folder(options.workspace)),
    );
  addConnections(noun, shell);
};

async function waiting(shell: Shell, tool: string | undefined): Promise<readonly Review[]> {
  const all = await (await shell.client()).rules.reviews();
  const found = all.filter((one) => tool === undefined || `${one.server}.${one.tool}` === tool);
  if (tool !== undefined && found.length === 0)
    throw new Problem("not_found", `nothing of \`${tool.slice(0, 100)}\` waits for a review`);
  return found;
}

function shown(one: Review, shell: Shell): readonly string[] {
  const { bold, good, bad, warn } = shell.paint;
  const colours = new Map([
    ["+", good],
    ["-", bad],
    ["~", warn],
  ]);
  const colour = (text: string): string => colours.get(text.slice(0, 1))?.(text) ?? text;
  return [
    `${bold(line(`${one.server}.${one.tool}`))} (${one.status}) ${one.digest}`,
    ...one.lines.map((each) => `  ${colour(line(each))}`),
  ];
}

async function review(shell: Shell, tool: string, options: ReviewOptions): Promise<void> {
  const [one] = await waiting(shell, tool);
  if (one === undefined) return;
  let answer: "approve" | "reject" | undefined = options.approve === undefined ? undefined : "approve";
  if (options.reject !== undefined) answer = "reject";
  let digest = options.approve ?? options.reject;
  if (answer === undefined) {
    if (shell.terminal.stdin.isTTY !== true) {
      throw new Problem("invalid", "say which definition is approved or rejected", {
        help: "`--approve` or `--reject` with the digest that `countersign tools diff` shows",
      });
    }
    shell.note(shown(one, shell).join("\n"));
    const said = (await prompt(shell.terminal, "may it be used? yes or no: ")).trim();
    if (said !== "yes" && said !== "no") throw new Problem("invalid", "neither yes nor no: nothing was changed");
    answer = said === "yes" ? "approve" : "reject";
    digest = one.digest;
  }
  const done = await (await shell.client()).rules.review({
    server: one.server,
    tool: one.tool,
    digest: digest ?? "",
    answer,
  });
  shell.answer({ ...done, tool, digest, answer }, () => [
    `${answer === "approve" ? "approved" : "rejected"} ${line(tool)}`,
  ]);
}

async function importServers(shell: Shell, file: string, folder: string): Promise<void> {
  const { importMcpJson } = await import("../../catalog/import-mcp-json.ts");
  const servers = importMcpJson(parse(await shell.readText(file)));
  const written: string[] = [];
  await mkdir(join(folder, "tools"), { recursive: true });
  for (const server of servers) {
    try {
      await writeFile(join(folder, server.file), server.text, { flag: "wx" });
      written.push(server.file);
    } catch (cause) {
      throw new Problem("conflict", `\`${server.file}\` is there already, or cannot be written`, {
        help: written.length === 0 ? "nothing was written" : `written: ${written.join(", ")}`,
        cause,
      });
    }
  }
  shell.answer({ servers: servers.map(({ text: _, ...rest }) => rest) }, () =>
    servers.flatMap((server) => [
      `wrote ${server.file}`,
      ...server.secrets.map(
        (secret) => `  put its secret: ${shell.called} secret put ${line(secret.name)}   (${line(secret.from)})`,
      ),
      ...server.notes.map((note) => `  ${line(shell.inTheirWords(note))}`),
    ]),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("invalid", "the file is not JSON", { help: "comments are not JSON; take them out" });
  }
}
