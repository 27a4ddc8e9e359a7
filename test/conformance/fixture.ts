import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { localhostHostValidation, NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { classifyInboundRequest, createMcpHandler, isInitializeRequest, McpServer } from "@modelcontextprotocol/server";
import { createEventStore } from "./event-store.ts";
import { addPrompts, addResources } from "./pages.ts";
import { addPlainTools, addTalkingTools, type FixtureHooks } from "./plain-tools.ts";
import { addRoundTools, states } from "./round-tools.ts";

export interface Fixture {
  readonly url: string;
  close(): Promise<void>;
}

/** A server of our own, built on the official SDK, that has what the conformance suite asks of servers: both eras. */
export async function startFixture(port = 0): Promise<Fixture> {
  const transports = new Map<string, NodeStreamableHTTPServerTransport>();
  const hooks: FixtureHooks = {
    toolsChanged: () => modern.notify.toolsChanged(),
    promptsChanged: () => modern.notify.promptsChanged(),
    dropStream: (session, request) => transports.get(session ?? "")?.closeSSEStream(request),
  };
  const modern = createMcpHandler(() => createFixtureServer(hooks));
  const toModern = toNodeHandler(modern);
  const guardHost = localhostHostValidation();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!guardHost(request, response)) return;
    const body: unknown = request.method === "POST" ? await readJson(request) : undefined;
    if (request.method === "POST" && isModern(request, body)) return toModern(request as never, response, body);
    const transport = await sessionOf(request, body, transports, hooks);
    if (transport === undefined) return answerNoSession(request, response);
    await transport.handleRequest(request, response, body);
  };
  const http = createServer((request, response) => {
    serve(request, response).catch((thrown) => {
      console.error(thrown);
      if (!response.headersSent) response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async close() {
      for (const transport of transports.values()) await transport.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function isModern(request: IncomingMessage, body: unknown): boolean {
  const one = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const inbound = classifyInboundRequest({
    httpMethod: "POST",
    protocolVersionHeader: one("mcp-protocol-version"),
    mcpMethodHeader: one("mcp-method"),
    body,
  } as never);
  return inbound.kind !== "legacy";
}

async function sessionOf(
  request: IncomingMessage,
  body: unknown,
  transports: Map<string, NodeStreamableHTTPServerTransport>,
  hooks: FixtureHooks,
): Promise<NodeStreamableHTTPServerTransport | undefined> {
  const id = request.headers["mcp-session-id"];
  if (typeof id === "string") return transports.get(id);
  if (!isInitializeRequest(body)) return undefined;
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    eventStore: createEventStore(),
    retryInterval: 500,
    onsessioninitialized: (session: string) => void transports.set(session, transport),
  });
  transport.onclose = () => transports.delete(transport.sessionId ?? "");
  await createFixtureServer(hooks).connect(transport);
  return transport;
}

function answerNoSession(request: IncomingMessage, response: ServerResponse): void {
  const status = request.headers["mcp-session-id"] === undefined ? 400 : 404;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32001, message: "no such session" } }));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** One server with all tools, pages and prompts; also what the stdio fixture serves. */
export function createFixtureServer(hooks: FixtureHooks): McpServer {
  const server = new McpServer(
    { name: "countersign-fixture", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: states.verify },
    },
  );
  addPlainTools(server, hooks);
  addTalkingTools(server, hooks);
  addRoundTools(server);
  addResources(server);
  addPrompts(server);
  server.server.setRequestHandler("resources/subscribe", async () => ({}));
  server.server.setRequestHandler("resources/unsubscribe", async () => ({}));
  server.server.setRequestHandler("logging/setLevel", async () => ({}));
  server.server.setRequestHandler("completion/complete", async () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  return server;
}
