import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface NotesServer {
  readonly port: number;
  /** How often it was told to send a note. */
  sent(): number;
  /** From now on it says this of its tool. */
  describe(description: string): void;
  /** From now on it breaks the connection off when it is called, as if it had crashed after its deed. */
  lose(): void;
  close(): Promise<void>;
}

/** An MCP server of the stateless revision, whose words and whose silence are the test's. */
export async function startNotesServer(): Promise<NotesServer> {
  const state = { description: "Sends a note to one person.", isLosing: false, sent: 0 };
  const listeners = new Set<ServerResponse>();
  const http = createServer((request, response) => {
    void read(request).then(({ id, method }) => {
      if (method === "subscriptions/listen") {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.flushHeaders();
        listeners.add(response);
        return response.once("close", () => listeners.delete(response));
      }
      if (method === "tools/call") {
        state.sent += 1;
        if (state.isLosing) return request.socket.destroy();
      }
      const results: Record<string, object> = {
        "server/discover": { supportedVersions: ["2026-07-28"], capabilities: { tools: { listChanged: true } } },
        "tools/list": { tools: [toolOf(state.description)], ttlMs: 60_000, cacheScope: "public" },
        "tools/call": { content: [{ type: "text", text: "sent" }] },
      };
      const known = results[method];
      const body =
        known === undefined
          ? { error: { code: -32601, message: "no" } }
          : { result: { resultType: "complete", ...known } };
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    port: (http.address() as AddressInfo).port,
    sent: () => state.sent,
    describe(description) {
      state.description = description;
      const changed = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
      for (const one of listeners) one.write(`data: ${JSON.stringify(changed)}\n\n`);
    },
    lose() {
      state.isLosing = true;
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function toolOf(description: string): object {
  const properties = { to: { type: "string", description: "whom" }, text: { type: "string" } };
  return { name: "send_note", description, inputSchema: { type: "object", properties, required: ["to"] } };
}

async function read(request: IncomingMessage): Promise<{ id: number; method: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
