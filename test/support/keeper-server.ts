// A server over stdio whose process says how it was started: `node keeper-server.ts STARTS.jsonl`, and which slow calls came.
import { createHash } from "node:crypto";
import { appendFileSync, closeSync } from "node:fs";
import { createInterface } from "node:readline";

const { KEEPER_TOKEN, KEEPER_PLACE } = process.env;
// Short and under another name, so that nobody takes it for a credential.
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 10);
const self = {
  pid: process.pid,
  given: KEEPER_TOKEN === undefined ? null : digest(KEEPER_TOKEN),
  place: KEEPER_PLACE ?? null,
};
const starts = process.argv[2] ?? "";
appendFileSync(starts, `${JSON.stringify(self)}\n`);

const say = (message: object) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const answer = (id: unknown) => say({ id, result: { content: [{ type: "text", text: JSON.stringify(self) }] } });
const tools: Record<string, (id: unknown, args: { readonly ms?: number }) => void> = {
  who: (id) => answer(id),
  slow(id, { ms = 0 }) {
    // It is at work from here on.
    appendFileSync(starts, `${JSON.stringify({ slow: ms })}\n`);
    setTimeout(() => answer(id), ms);
  },
};
const schema = { type: "object", properties: { ms: { type: "integer" } }, additionalProperties: false };

const lines = createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    const serverInfo = { name: "keeper", version: "1" };
    say({ id, result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo } });
  } else if (method === "tools/list") {
    say({ id, result: { tools: Object.keys(tools).map((name) => ({ name, inputSchema: schema })) } });
  } else if (method === "tools/call" && params.name === "deafen") {
    answer(id);
    // It hears nothing any more, and lives on.
    lines.close();
    process.stdin.destroy();
    closeSync(0);
    setInterval(() => undefined, 60_000);
  } else if (method === "tools/call") tools[params.name]?.(id, params.arguments ?? {});
  else if (id !== undefined) say({ id, error: { code: -32601, message: "unknown" } });
});
