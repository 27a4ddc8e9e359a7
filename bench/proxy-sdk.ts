import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { ResultSchema } from "@modelcontextprotocol/core";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import { serveParent } from "./child.ts";

/** What the gate is compared with: a proxy on the official SDK that passes every request on and governs nothing. */
const { upstream } = JSON.parse(process.argv[2] ?? "{}") as { readonly upstream: string };
const client = new Client({ name: "pass-through", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
await client.connect(new StreamableHTTPClientTransport(new URL(upstream)));

const handler = createMcpHandler(() => {
  const server = new Server({ name: "pass-through", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.fallbackRequestHandler = async ({ method, params }, context) =>
    client.request({ method, params: bare(params) } as never, ResultSchema as never, {
      signal: context.mcpReq.signal,
    }) as never;
  return server;
});

/** The protocol's own members are the client's to set anew. */
function bare(params: object | undefined): object {
  return Object.fromEntries(Object.entries(params ?? {}).filter(([name]) => name !== "_meta"));
}

const serve = toNodeHandler(handler);
const http = createServer((request, response) => void serve(request as never, response));
http.keepAliveTimeout = 120_000;
http.listen(0, "127.0.0.1", () =>
  serveParent(
    { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`, key: "none" },
    {
      close: async () => {
        http.closeAllConnections();
        await client.close();
      },
    },
  ),
);
