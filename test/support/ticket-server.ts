import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A tracker of tickets: each has a title, and updates take whatever fields they are given. */
export interface TicketServer {
  readonly url: string;
  close(): Promise<void>;
}

const inputSchema = { type: "object", properties: { key: { type: "string" } }, required: ["key"] };
const tools = [
  { name: "read_ticket", description: "Tells what a ticket says.", inputSchema },
  { name: "update_ticket", description: "Changes fields of a ticket.", inputSchema },
];

/** Of the fields that an update may change, its undo knows the title alone. */
export const ticketFile = (url: string) => `
server: tickets
transport: { kind: http, url: "${url}" }
environment: sandbox
tools:
  read_ticket: { verb: read, environment: server, target: "ticket {{args.key}}" }
  update_ticket:
    verb: execute
    environment: server
    target: "ticket {{args.key}}"
    reversal:
      kind: inverse
      capture: { tool: read_ticket, args: { key: "{{args.key}}" } }
      undo: { tool: update_ticket, args: { key: "{{args.key}}", fields: { title: "{{before.structuredContent.ticket.title}}" } } }
      sentence: puts the title back
`;

/** Lets the example's agent update tickets once an editor has said yes. */
export const asksForTickets = (text: string): string =>
  text
    .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
    .replace("ask:\n", "ask:\n  - { tool: tickets.update_ticket, from: editors, open: 4h, grants: true }\n");

export async function openTickets(): Promise<TicketServer> {
  const http = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += String(chunk);
    });
    request.on("end", () => {
      const { id, method, params } = JSON.parse(text);
      const isRead = params?.name === "read_ticket";
      const structuredContent = isRead
        ? { ticket: { key: params.arguments.key, title: "as it was", state: "open" } }
        : { done: true };
      const results: Record<string, object> = {
        "server/discover": { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } },
        "tools/list": { tools, ttlMs: 60_000, cacheScope: "public" },
        "tools/call": { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent },
      };
      const known = results[method];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          jsonrpc: "2.0",
          id,
          ...(known === undefined
            ? { error: { code: -32601, message: "no such method" } }
            : { result: { resultType: "complete", ...known } }),
        }),
      );
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
