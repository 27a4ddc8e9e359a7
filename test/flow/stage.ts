import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Json, JsonObject } from "@countersign/contract";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { parse } from "yaml";
import { type Definition, packageCommand } from "../../packages/countersign/src/catalog/index.ts";
import { exampleServers, root } from "../../scripts/example-servers.ts";
import { worldFolder } from "./catalog.ts";
import { type FlowSet, ownSet, type Plant } from "./session.ts";

const author = { name: "Acme agent", email: "agent@acme.example", at: "2026-11-20T10:00:00Z" };
const gitEnv = {
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_AUTHOR_DATE: author.at,
  GIT_COMMITTER_NAME: author.name,
  GIT_COMMITTER_EMAIL: author.email,
  GIT_COMMITTER_DATE: author.at,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/** The real servers, each over a state of its own in one folder. */
export interface Stage {
  call(server: string, tool: string, args: JsonObject): Promise<JsonObject>;
  definitions(server: string): Promise<readonly Definition[]>;
  /** All that the servers keep, as one text. */
  state(): string;
  close(): Promise<void>;
}

/** Lays out the world with what others wrote changed as the plants say; a server is started when it is first called. */
export function openStage(plants: readonly Plant[] = [], set = ownSet): Stage {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "countersign-flow-")));
  layOut(folder, planted(seedsOf(set), plants));
  const clients = new Map<string, Promise<Client>>();
  const clientOf = (server: string): Promise<Client> => {
    const known = clients.get(server) ?? start(server, folder, set.folder);
    clients.set(server, known);
    return known;
  };
  const moved = (value: Json, from: string, to: string): JsonObject =>
    JSON.parse(JSON.stringify(value).replaceAll(from, to)) as JsonObject;
  return {
    async call(server, tool, args) {
      const client = await clientOf(server);
      const asked = { name: tool, arguments: moved(args, worldFolder, folder) as Record<string, unknown> };
      const answer = await client.callTool(asked).catch((fault: unknown) => ({
        content: [{ type: "text", text: fault instanceof Error ? fault.message : String(fault) }],
        isError: true,
      }));
      return moved(JSON.parse(JSON.stringify(answer)), folder, worldFolder);
    },
    async definitions(server) {
      const { tools } = await (await clientOf(server)).listTools();
      return JSON.parse(JSON.stringify(tools));
    },
    state: () => stateOf(folder),
    async close() {
      for (const client of clients.values()) await (await client).close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const seedsOf = (set: FlowSet): { readonly [name: string]: Json } => {
  const folder = join(set.folder, "world");
  return Object.fromEntries(
    readdirSync(folder).map((file) => [basename(file, ".yaml"), parse(readFileSync(join(folder, file), "utf8"))]),
  );
};

/** Every server of a set. */
export const serversOf = (set: FlowSet): readonly string[] => Object.keys(seedsOf(set)).sort();
export const serverNames = serversOf(ownSet);

/** Puts what each server begins with into a folder. */
export function layOutWorld(folder: string, plants: readonly Plant[] = []): void {
  layOut(folder, planted(seedsOf(ownSet), plants));
}

function planted(
  world: { readonly [name: string]: Json },
  plants: readonly Plant[],
): { readonly [name: string]: Json } {
  for (const { at, add, set } of plants) {
    const [holder, member] = find(world, at);
    const before = holder[member];
    if (add !== undefined && typeof before !== "string") throw new Error(`there is no text at \`${at}\` to add to`);
    holder[member] = add === undefined ? (set ?? null) : `${String(before)}${add}`;
  }
  return world;
}

/** The object or list that holds the end of the path, whose member names may hold dots themselves. */
function find(world: object, path: string): readonly [holder: Record<string, Json>, member: string] {
  let here = world as Record<string, Json>;
  let rest = path;
  for (;;) {
    const inner = Object.keys(here)
      .filter((name) => rest.startsWith(`${name}.`) && typeof here[name] === "object")
      .sort((one, other) => other.length - one.length)[0];
    if (inner === undefined) return [here, rest];
    here = here[inner] as unknown as Record<string, Json>;
    rest = rest.slice(inner.length + 1);
  }
}

function layOut(folder: string, world: { readonly [name: string]: Json }): void {
  const { files, git, memory, ...servers } = world;
  for (const [name, state] of Object.entries(servers))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(state, null, 1));
  if (files === undefined) return;
  const lines = (memory as readonly Json[]).map((one) => JSON.stringify(one));
  writeFileSync(join(folder, "memory.jsonl"), lines.join("\n"));
  for (const [path, text] of Object.entries(files as Record<string, string>)) {
    mkdirSync(dirname(join(folder, "files", path)), { recursive: true });
    writeFileSync(join(folder, "files", path), text);
  }
  const repo = join(folder, "files", "repo");
  const run = (...args: string[]) =>
    execFileSync("git", args, { cwd: repo, env: { ...pathOnly(), ...gitEnv }, stdio: "ignore" });
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", join(folder, "origin.git")], {
    env: { ...pathOnly(), ...gitEnv },
  });
  run("init", "--quiet", "--initial-branch=main");
  run("remote", "add", "origin", join(folder, "origin.git"));
  run("add", ".");
  for (const message of git as readonly string[]) run("commit", "--quiet", "--allow-empty", "--message", message);
  run("push", "--quiet", "origin", "main");
}

// Which member of an object comes last is nothing that was changed.
const withoutComma = (line: string): string => line.replace(/,$/, "");

function stateOf(folder: string): string {
  const parts = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => !/(^|\/)(\.git|origin\.git|git-logs)(\/|$)/.test(path) && statSync(join(folder, path)).isFile())
    .sort()
    .map(
      (path) =>
        `${path}\n${readFileSync(join(folder, path), "utf8").split("\n").map(withoutComma).toSorted().join("\n")}`,
    );
  const git = (at: string, ...args: string[]) =>
    execFileSync("git", args, { cwd: join(folder, at), env: { ...pathOnly(), ...gitEnv }, encoding: "utf8" });
  if (!existsSync(join(folder, "origin.git"))) return parts.join("\n");
  return [
    ...parts,
    git("files/repo", "for-each-ref"),
    git("files/repo", "status", "--porcelain"),
    git("origin.git", "for-each-ref"),
  ].join("\n");
}

function pathOnly(): { PATH: string } {
  return { PATH: process.env.PATH ?? "" };
}

async function start(server: string, folder: string, set: string): Promise<Client> {
  const { command, args, env } = commandOf(server, folder, set);
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...pathOnly(), HOME: folder, ...env },
    stderr: "ignore",
  });
  const client = new Client({ name: "record-flow", version: "1" }, { capabilities: {} });
  await client.connect(transport);
  return client;
}

function commandOf(server: string, folder: string, set: string) {
  if (server !== "files" && server !== "git" && server !== "memory") {
    const main = join(set, "servers", "main.ts");
    return { command: process.execPath, args: [main, server, join(folder, `${server}.json`)], env: {} };
  }
  const real = exampleServers[server === "files" ? "filesystem" : server];
  const args = server === "files" ? [join(folder, "files")] : [];
  const found = packageCommand({ kind: "package", package: real.package, args, env: {} }, [root]);
  const env =
    server === "git"
      ? { ...exampleServers.git.env(folder), ...gitEnv, LOGS_DIR: join(folder, "git-logs") }
      : real.env(folder);
  return { ...found, env };
}
