// A server over stdio that speaks the older era by hand, so that a test can make it misbehave.
import { createInterface } from "node:readline";

const say = (message: object) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

const tools: Record<string, (id: unknown, meta: { progressToken?: unknown } | undefined) => void> = {
  env: (id) => say({ id, result: { content: [{ type: "text", text: JSON.stringify(process.env) }] } }),
  die: () => process.exit(3),
  hang: () => {},
  flood: () => {
    for (;;) if (!process.stdout.write("x".repeat(1_048_576))) break;
    process.stdout.on("drain", () => tools.flood?.(0, undefined));
  },
  nonsense: (id) => {
    process.stdout.write("not json\n\u001b[2J\n");
    say({ id: 12_345, result: {} });
    say({ id, result: { content: [], odd: { kept: [1, null] } } });
  },
  whisper: (id) => {
    process.stderr.write(`my key is ${process.env.TOOL_KEY}\r\n\u001b[31mred`);
    say({ id, result: { content: [] } });
  },
  progress: (id, meta) => {
    say({ method: "notifications/progress", params: { progressToken: meta?.progressToken, progress: 1 } });
    setTimeout(() => say({ id, result: { content: [] } }), 30);
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    say({
      id,
      result: {
        protocolVersion: "2025-06-18",
        capabilities: { tools: {} },
        serverInfo: { name: "by hand", version: "1" },
      },
    });
  } else if (method === "tools/list") {
    say({
      id,
      result: { tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: "object" }, "x-kept": true })) },
    });
  } else if (method === "tools/call") tools[params.name]?.(id, params._meta);
  else if (id !== undefined) say({ id, error: { code: -32601, message: "unknown" } });
});
