import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { createFixtureServer } from "./fixture.ts";

/** The fixture without the older era. */
export async function startModernOnly(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const hooks = { toolsChanged: () => {}, promptsChanged: () => {}, dropStream: () => {} };
  const handler = createMcpHandler(() => createFixtureServer(hooks), { legacy: "reject" } as never);
  const serve = toNodeHandler(handler);
  const http = createServer((request, response) => void serve(request as never, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
