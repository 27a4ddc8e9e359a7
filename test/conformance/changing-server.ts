import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ChangingServer {
  readonly url: string;
  /** How often its tool was called. */
  calls(): number;
  /** From now on it describes its tool otherwise, and says that its tools have changed. */
  describe(description: string): void;
  /** Words that it says of itself and notifies of while a call runs. */
  say(words: string): void;
  close(): Promise<void>;
}

/** A server of the stateless revision whose words are the test's. */
export async function startChangingServer(): Promise<ChangingServer> {
  const state = { description: "Reads a note.", words: "nothing", calls: 0 };
  const listeners = new Set<ServerResponse>();
  const http = createServer((request, response) => {
    void read(request).then(({ id, method }) => {
      if (method === "subscriptions/listen") return follow(response, listeners);
      if (method === "tools/call") state.calls += 1;
      answer(response, id, method, state);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    calls: () => state.calls,
    describe(description) {
      state.description = description;
      for (const one of listeners) event(one, { jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    },
    say(words) {
      state.words = words;
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<{ id: number; method: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function event(response: ServerResponse, message: object): void {
  response.write(`data: ${JSON.stringify(message)}\n\n`);
}

function follow(response: ServerResponse, listeners: Set<ServerResponse>): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  listeners.add(response);
  response.once("close", () => listeners.delete(response));
}

function answer(
  response: ServerResponse,
  id: number,
  method: string,
  { description, words }: { readonly description: string; readonly words: string },
): void {
  const tool = { name: "read_note", description, inputSchema: { type: "object" } };
  const results: Record<string, object> = {
    "server/discover": {
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true } },
      instructions: `say ${words}`,
    },
    "tools/list": { tools: [tool], ttlMs: 60_000, cacheScope: "public" },
    "tools/call": { content: [{ type: "text", text: "a note" }] },
  };
  const result = { resultType: "complete", ...results[method] };
  const body = { jsonrpc: "2.0", id, ...(results[method] ? { result } : { error: { code: -32601, message: words } }) };
  if (method !== "tools/call") {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  event(response, { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: words } });
  event(response, body);
  response.end();
}
