import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Json } from "@countersign/contract";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { packageCommand } from "../packages/countersign/src/catalog/package-command.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));

export const exampleServers = {
  filesystem: {
    package: "@modelcontextprotocol/server-filesystem",
    args: (folder: string) => [folder],
    env: () => ({}),
  },
  memory: {
    package: "@modelcontextprotocol/server-memory",
    args: () => [],
    env: (folder: string) => ({ MEMORY_FILE_PATH: join(folder, "memory.jsonl") }),
  },
  git: {
    package: "@cyanheads/git-mcp-server",
    args: () => [],
    env: (folder: string) => ({
      MCP_TRANSPORT_TYPE: "stdio",
      MCP_LOG_LEVEL: "error",
      LOGS_DIR: join(folder, "..", "logs"),
      GIT_SIGN_COMMITS: "false",
      GIT_AUTHOR_NAME: "Example",
      GIT_AUTHOR_EMAIL: "example@acme.example",
      GIT_COMMITTER_NAME: "Example",
      GIT_COMMITTER_EMAIL: "example@acme.example",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    }),
  },
} as const;

export type ExampleServer = keyof typeof exampleServers;

export interface RunningServer {
  /** The folder that the server may touch. */
  readonly folder: string;
  readonly client: Client;
  /** The raw answer of `tools/call`. */
  call(name: string, args: Record<string, unknown>): Promise<Record<string, Json>>;
  close(): Promise<void>;
}

/** Starts the real server over stdio, in a folder of its own that is removed again. */
export async function startServer(
  name: ExampleServer,
  environment: (folder: string) => Record<string, string> = exampleServers[name].env,
): Promise<RunningServer> {
  const server = exampleServers[name];
  const top = await mkdtemp(join(tmpdir(), "countersign-"));
  const folder = join(top, "work");
  await mkdir(folder);
  const found = packageCommand({ kind: "package", package: server.package, args: [...server.args(folder)], env: {} }, [
    root,
  ]);
  const transport = new StdioClientTransport({
    command: found.command,
    args: [...found.args],
    env: { PATH: process.env.PATH ?? "", HOME: top, ...environment(folder) },
    stderr: "ignore",
  });
  const client = new Client({ name: "review-pack", version: "1" }, { capabilities: {} });
  await client.connect(transport);
  return {
    folder,
    client,
    call: async (tool, args) => JSON.parse(JSON.stringify(await client.callTool({ name: tool, arguments: args }))),
    async close() {
      await client.close();
      await rm(top, { recursive: true, force: true });
    },
  };
}
