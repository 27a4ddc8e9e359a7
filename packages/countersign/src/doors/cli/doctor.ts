import { access, constants, stat } from "node:fs/promises";
import { connect } from "@countersign/client";
import { exits } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Each looks at one thing, says what it found, and throws what is wrong. */
const looks: readonly (readonly [string, (shell: Shell) => Promise<string>])[] = [
  ["runtime", runtime],
  ["settings", settings],
  ["workspace", files],
  ["data folder", dataFolder],
  ["server", server],
  ["login", who],
];

export const doctor: Noun = (program, shell) => {
  program
    .command("doctor")
    .description("look at everything that has to be right; ends with 1 where something is not")
    .action(async () => {
      const findings: Finding[] = [];
      for (const [what, look] of looks) {
        const found = await finding(what, () => look(shell));
        findings.push({ ...found, detail: shell.inTheirWords(found.detail) });
      }
      if (findings.some((one) => !one.ok)) shell.exit = exits.doesNotHold;
      const { good, bad } = shell.paint;
      shell.answer({ findings }, () =>
        findings.map((one) => `${one.ok ? good("ok  ") : bad("FAIL")}  ${one.what.padEnd(12)} ${line(one.detail)}`),
      );
    });
};

async function finding(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (thrown) {
    const help =
      thrown instanceof Error && "help" in thrown && typeof thrown.help === "string" ? ` (${thrown.help})` : "";
    return { what, ok: false, detail: `${thrown instanceof Error ? thrown.message : "it failed"}${help}` };
  }
}

async function runtime(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18))
    throw new Problem("invalid", `node ${process.versions.node} is too old`, { help: "22.18 or newer" });
  return `node ${process.versions.node} on ${process.platform}-${process.arch}`;
}

async function settings(shell: Shell): Promise<string> {
  const { databaseUrl } = shell.config;
  return databaseUrl === undefined
    ? "hold together; the embedded PostgreSQL is used"
    : "hold together; DATABASE_URL is used";
}

async function files(shell: Shell): Promise<string> {
  const { checkFolder } = await import("./check-folder.ts");
  const { problems, files: found } = await checkFolder(shell.folder());
  const errors = problems.filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Problem("invalid", `${errors.length} errors`, { help: "run `countersign check`" });
  return `${Object.keys(found).length} files hold together`;
}

async function dataFolder(shell: Shell): Promise<string> {
  const folder = shell.config.dataFolder;
  const there = await stat(folder).catch(() => undefined);
  if (there === undefined) return "not made yet; the first `countersign up` makes it";
  if (!there.isDirectory()) throw new Problem("invalid", "it is not a folder");
  if (process.platform !== "win32" && (there.mode & 0o002) !== 0)
    throw new Problem("invalid", "everyone can write to it", { help: `run \`chmod 700 ${folder}\`` });
  await access(folder, constants.W_OK);
  return folder;
}

async function server(shell: Shell): Promise<string> {
  const { url } = await shell.server();
  if (await connect({ url, timeoutMs: 5_000 }).ready()) return `${url} is ready`;
  throw new Problem("unavailable", `${url} is not ready`, { help: "start it with `countersign up`" });
}

async function who(shell: Shell): Promise<string> {
  const me = await (await shell.client()).identity.me();
  return me.kind === "person" ? me.email : `agent ${me.agent}`;
}
