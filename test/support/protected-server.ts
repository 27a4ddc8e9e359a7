import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, isInitializeRequest, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** A real MCP server that takes tokens of one identity provider and says whose token a call came with. */
export interface ProtectedServer {
  readonly url: string;
  /** Every request with a token that was taken: whose it was, and in which session. */
  readonly seen: { readonly account: string; readonly session: string; readonly method: string }[];
  /** Requests in a session that another account had opened. */
  readonly mixed: string[];
  /** Every `authorization` header that came. */
  readonly presented: Set<string>;
  /** Paths at which any token came. */
  readonly paths: Set<string>;
  /** Streams that are open now, by account. */
  readonly streams: Map<string, number>;
  close(): Promise<void>;
}

type Look = (token: string) => Promise<{ readonly account: string; readonly audience: string } | undefined>;

export async function startProtectedServer(era: "legacy" | "modern", look: Look): Promise<ProtectedServer> {
  const transports = new Map<string, NodeStreamableHTTPServerTransport>();
  const owners = new Map<string, string>();
  const modern = toNodeHandler(createMcpHandler((context) => tools(accountIn(context.authInfo))));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { authorization = "" } = request.headers;
    server.presented.add(authorization);
    if (authorization !== "") server.paths.add(request.url ?? "");
    const token = authorization.replace(/^Bearer /, "");
    const found = token === "" ? undefined : await look(token);
    if (found?.audience !== server.url) {
      response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"' });
      return void response.end();
    }
    const { account } = found;
    const session = String(request.headers["mcp-session-id"] ?? "");
    const body = request.method === "POST" ? await readJson(request) : undefined;
    const method = String((body as { method?: unknown } | undefined)?.method ?? request.method);
    server.seen.push({ account, session, method });
    if (request.method === "GET" || method === "subscriptions/listen") count(server.streams, account, response);
    Object.assign(request, { auth: { token, clientId: account, scopes: [], extra: { account } } });
    if (era === "modern") return modern(request as never, response, body);
    const owner = owners.get(session);
    if (owner !== undefined && owner !== account) {
      server.mixed.push(`${account} in the session of ${owner}`);
      return void response.writeHead(403).end();
    }
    const transport = transports.get(session) ?? (await opened(body, account, transports, owners));
    if (transport === undefined) return void response.writeHead(session === "" ? 400 : 404).end();
    await transport.handleRequest(request as never, response, body);
  };
  const http = createServer((request, response) => {
    serve(request, response).catch((thrown) => {
      console.error(thrown);
      if (!response.headersSent) response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: ProtectedServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    seen: [],
    mixed: [],
    presented: new Set(),
    paths: new Set(),
    streams: new Map(),
    async close() {
      for (const transport of transports.values()) await transport.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

async function opened(
  body: unknown,
  account: string,
  transports: Map<string, NodeStreamableHTTPServerTransport>,
  owners: Map<string, string>,
): Promise<NodeStreamableHTTPServerTransport | undefined> {
  if (!isInitializeRequest(body)) return undefined;
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (session: string) => {
      transports.set(session, transport);
      owners.set(session, account);
    },
  });
  await tools(account).connect(transport);
  return transport;
}

function tools(account: string): McpServer {
  const server = new McpServer(
    { name: "tickets", version: "1.0.0" },
    { capabilities: { tools: { listChanged: true } } },
  );
  const said = (text: string) => ({ content: [{ type: "text" as const, text }] });
  server.registerTool("whoami", { description: "Says whose token came.", inputSchema: z.object({}) }, async () =>
    said(account),
  );
  server.registerTool(
    "close_ticket",
    { description: "Closes a ticket.", inputSchema: z.object({ ticket: z.string() }) },
    async ({ ticket }) => said(`${account} closed ${ticket}`),
  );
  server.registerTool(
    "echo_token",
    { description: "Repeats the token that came, which no server should.", inputSchema: z.object({}) },
    async (_args, ctx) => said(`you sent ${tokenIn(ctx)} and that was it`),
  );
  return server;
}

function tokenIn(ctx: {
  readonly http?: { readonly authInfo?: { readonly token?: string } | undefined } | undefined;
}): string {
  return ctx.http?.authInfo?.token ?? "nothing";
}

function accountIn(authInfo: { readonly extra?: Record<string, unknown> } | undefined): string {
  return String(authInfo?.extra?.account ?? "");
}

function count(streams: Map<string, number>, account: string, response: ServerResponse): void {
  streams.set(account, (streams.get(account) ?? 0) + 1);
  response.once("close", () => streams.set(account, (streams.get(account) ?? 1) - 1));
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
