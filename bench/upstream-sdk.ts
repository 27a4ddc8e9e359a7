import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import { serveParent } from "./child.ts";
import { answer, definitions } from "./notes.ts";

/** The same upstream on the official SDK, as most servers are. */
const handler = createMcpHandler(() => {
  const server = new Server({ name: "notes", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: definitions as never }));
  server.setRequestHandler("tools/call", () => answer as never);
  return server;
});
const serve = toNodeHandler(handler);
const http = createServer((request, response) => void serve(request as never, response));
http.keepAliveTimeout = 120_000;
http.listen(0, "127.0.0.1", () =>
  serveParent(
    { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp` },
    { close: async () => void http.closeAllConnections() },
  ),
);
