import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The repository that an agent merges in: what a pull request changes is what its reading says. */
export interface RepoServer {
  readonly url: string;
  /** The numbers of the pull requests that were merged. */
  readonly merged: readonly number[];
  close(): Promise<void>;
}

const input = { type: "object", properties: { pullNumber: { type: "integer" } }, required: ["pullNumber"] };
const tools = [
  { name: "read_pull_request", description: "Tells what a pull request changes.", inputSchema: input },
  { name: "merge_pull_request", description: "Merges a pull request.", inputSchema: input },
  { name: "revert_merge", description: "Takes a merge back.", inputSchema: input },
];

/** Merging changes who may do what and is undone by another tool, so what is there now is all that tells what it does. */
export const repoFile = (url: string) => `
server: repo
transport: { kind: http, url: "${url}" }
environment: sandbox
tools:
  read_pull_request: { verb: read, environment: server, target: "pull request {{args.pullNumber}}" }
  revert_merge:
    verb: execute
    environment: server
    target: "pull request {{args.pullNumber}}"
    reversal: { kind: irreversible, reason: it is one of its own }
  merge_pull_request:
    verb: execute
    environment: server
    target: "pull request {{args.pullNumber}}"
    labels: [destructive, access]
    reversal:
      kind: inverse
      capture: { tool: read_pull_request, args: { pullNumber: "{{args.pullNumber}}" } }
      undo: { tool: revert_merge, args: { pullNumber: "{{args.pullNumber}}" } }
      sentence: takes the merge back
`;

/** Pull requests below 100 change so many files, each a little; the others one line of one file. */
function filesOf(pullNumber: number): object {
  const count = pullNumber < 100 ? pullNumber : 1;
  const files = Array.from({ length: count }, (_, at) => ({
    filename: `src/part-${at}.ts`,
    patch: `@@ -1 +1 @@\n-const limit = ${at};\n+const limit = ${at + 1};`,
  }));
  return { pullNumber, files };
}

export async function openRepo(): Promise<RepoServer> {
  const merged: number[] = [];
  const call = (name: string, { pullNumber }: { readonly pullNumber: number }): object => {
    if (name === "merge_pull_request") merged.push(pullNumber);
    const structuredContent = name === "read_pull_request" ? filesOf(pullNumber) : { done: true };
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  };
  const http = createServer((request, response) => {
    void read(request).then(({ id, method, params }) => {
      const results: Record<string, () => object> = {
        "server/discover": () => ({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } }),
        "tools/list": () => ({ tools, ttlMs: 60_000, cacheScope: "public" }),
        "tools/call": () => call(params.name, params.arguments),
      };
      const known = results[method]?.();
      const body =
        known === undefined
          ? { error: { code: -32601, message: "no such method" } }
          : { result: { resultType: "complete", ...known } };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    merged,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly name: string; readonly arguments: { readonly pullNumber: number } };
}

async function read(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return JSON.parse(body);
}
