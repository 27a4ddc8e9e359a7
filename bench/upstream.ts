import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveParent } from "./child.ts";
import { definitions } from "./notes.ts";

/** An MCP server on bare `node:http`, as cheap as one can be, so that what is measured is the gate. Prints its port. */
const result = { content: [{ type: "text", text: "the note says that all is well ".repeat(16) }] };
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

function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
  const { id, method } = JSON.parse(text) as { id: number; method: keyof typeof listed | "tools/call" };
  const body = method === "tools/call" ? result : listed[method];
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
  request.on("end", () => answer(request, response, Buffer.concat(chunks).toString("utf8")));
});
http.keepAliveTimeout = 120_000;
http.listen(0, "127.0.0.1", () =>
  serveParent({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp` }, { close: async () => void http.closeAllConnections() }),
);
