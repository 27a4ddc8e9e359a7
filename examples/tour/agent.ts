// An agent: a process of its own with the official MCP client, which knows nothing but an address and a key.
// Reads one JSON line per call from standard input and writes one JSON line per answer.
import { createInterface } from "node:readline";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const { MCP_URL: url = "", MCP_KEY: key = "" } = process.env;
const client = new Client({ name: "tour-agent", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
const headers = { authorization: `Bearer ${key}` };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));

const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
answer({ n: 0, result: {} });

for await (const text of createInterface({ input: process.stdin })) {
  const { n, tool, args } = JSON.parse(text) as { n: number; tool?: string; args?: Record<string, unknown> };
  // Not awaited: an agent may have several calls open.
  void (tool === undefined ? client.listTools() : client.callTool({ name: tool, arguments: args ?? {} })).then(
    (result) => answer({ n, result }),
    (thrown: unknown) => answer({ n, error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
}
await client.close();
