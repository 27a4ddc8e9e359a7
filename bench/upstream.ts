import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveParent } from "./child.ts";
import { answer, definitions } from "./notes.ts";

/** An MCP server on bare `node:http`, as cheap as one can be, so that what is measured is the gate. Prints its port. */
interface Asked {
  readonly id: number;
  readonly method: keyof typeof listed | "tools/call";
  readonly params?: { readonly name: string; readonly arguments: { readonly path: string } };
}

const listed = {
  "server/discover": {
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: {} },
    serverInfo: { name: "notes", version: "1.0.0" },
    ttlMs: 60_000,
    cacheScope: "public",
  },
  "tools/list": { tools: definitions, ttlMs: 60_000, cacheScope: "public" },
};

/** When a note was to be published, by its path. */
const arrivals = new Map<string, number>();

function reply(response: ServerResponse, text: string): void {
  const { id, method, params } = JSON.parse(text) as Asked;
  if (params?.name === "publish_note") arrivals.set(params.arguments.path, performance.timeOrigin + performance.now());
  const body = method === "tools/call" ? answer : listed[method];
  const message =
    body === undefined
      ? { jsonrpc: "2.0", id, error: { code: -32601, message: "no such method" } }
      : { jsonrpc: "2.0", id, result: { resultType: "complete", ...body } };
  const bytes = Buffer.from(JSON.stringify(message));
  response.writeHead(body === undefined ? 404 : 200, {
    "content-type": "application/json",
    "content-length": bytes.length,
  });
  response.end(bytes);
}

const http = createServer((request, response) => {
  if (request.method !== "POST") {
    response.writeHead(405).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => reply(response, Buffer.concat(chunks).toString("utf8")));
});
http.keepAliveTimeout = 120_000;
http.listen(0, "127.0.0.1", () =>
  serveParent(
    { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp` },
    { arrival: (path: string) => ({ at: arrivals.get(path) }), close: async () => void http.closeAllConnections() },
  ),
);
