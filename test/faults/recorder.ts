import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "pg";

/** One effect at the upstream, as it wrote it down before it answered. */
export interface Effect {
  readonly tool: string;
  readonly marker: string;
  /** The action that the gate sent it for. */
  readonly action: string;
  readonly atMs: number;
  /** Whether the ledger showed the intent at that moment; `null` where PostgreSQL could not be asked. */
  readonly intentSeen: boolean | null;
}

export interface Recorder {
  readonly url: string;
  /** Calls of any tool that arrived for this marker, reads too: the gate's housekeeping reads for other actions meanwhile. */
  calls(marker: string): number;
  effects(): readonly Effect[];
  /** What `tools/list` says; a test may change it under the gate. */
  definitions: object[];
  close(): Promise<void>;
}

const text = { type: "string" };
const schema = (required: string[], properties: object) => ({ type: "object", properties, required });

/** `how` lets a call choose the fault that it meets here: cut_after, cut_before, slow:<ms>, hang, secret, error, mistype. */
export const definitions: readonly object[] = [
  {
    name: "put",
    description: "Keeps a value under a marker.",
    inputSchema: schema(["marker"], { marker: text, value: text, how: text, action: text }),
  },
  {
    name: "ask_put",
    description: "Keeps a value under a marker, once somebody agreed.",
    inputSchema: schema(["marker"], { marker: text, value: text, how: text, action: text }),
  },
  {
    name: "remove",
    description: "Forgets what is kept under a marker.",
    inputSchema: schema(["marker"], { marker: text, how: text, action: text }),
  },
  {
    name: "look",
    description: "Tells whether something is kept under a marker.",
    inputSchema: schema(["marker"], { marker: text, how: text }),
    outputSchema: schema(["state"], { state: { enum: ["there", "absent"] } }),
  },
];

/** An MCP server that writes each effect to disk before it answers, and knows nothing of the gate's ledger but how to ask it. */
export async function startRecorder(file: string, ledgerUrl?: string): Promise<Recorder> {
  const fd = openSync(file, "a");
  const kept = new Map<string, string>();
  for (const effect of readEffects(file)) {
    if (effect.tool === "remove") kept.delete(effect.marker);
    else kept.set(effect.marker, "");
  }
  const calls = new Map<string, number>();
  const ledger =
    ledgerUrl === undefined
      ? undefined
      : new Pool({ connectionString: ledgerUrl, connectionTimeoutMillis: 1000, max: 4 }).on("error", () => undefined);
  const seen = async (action: string): Promise<boolean | null> => {
    try {
      const text = "select 1 from entry where subject = $1 and to_state = 'running'";
      return ledger === undefined ? null : ((await ledger.query(text, [action])).rowCount ?? 0) > 0;
    } catch {
      return null;
    }
  };
  const recorder = { definitions: [...definitions] };

  async function call(name: string, args: Record<string, string>, response: ServerResponse): Promise<object> {
    const { marker = "", how = "", action = "" } = args;
    calls.set(marker, (calls.get(marker) ?? 0) + 1);
    // Asked when the call arrives: an intent that comes to disk while it works came too late.
    const intentSeen = name === "look" ? null : await seen(action);
    if (how === "cut_before") {
      response.destroy();
      return {};
    }
    if (how === "hang") return new Promise(() => undefined);
    if (how.startsWith("slow:")) await new Promise((resolve) => setTimeout(resolve, Number(how.slice(5))));
    if (how === "mistype") return { content: [], structuredContent: { state: 7 } };
    if (name === "look") return state(kept.has(marker));
    if (name === "remove") kept.delete(marker);
    else kept.set(marker, args.value ?? "");
    const effect: Effect = { tool: name, marker, action, atMs: Date.now(), intentSeen };
    writeSync(fd, `${JSON.stringify(effect)}\n`);
    fsyncSync(fd);
    if (how === "cut_after") response.destroy();
    if (how.startsWith("late:")) await new Promise((resolve) => setTimeout(resolve, Number(how.slice(5))));
    if (how === "error") return { content: [{ type: "text", text: "it went wrong" }], isError: true };
    if (how.startsWith("secret:")) return { content: [{ type: "text", text: `kept with ${how.slice(7)}` }] };
    return state(name !== "remove");
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
      id: number;
      method: string;
      params: { name: string; arguments: Record<string, string> };
    };
    const result = await answer(asked.method, asked.params, response);
    if (response.destroyed) return;
    const message =
      result === undefined
        ? { jsonrpc: "2.0", id: asked.id, error: { code: -32601, message: "no such method" } }
        : { jsonrpc: "2.0", id: asked.id, result: { resultType: "complete", ...result } };
    response.writeHead(result === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(message));
  }

  async function answer(
    method: string,
    params: { name: string; arguments: Record<string, string> },
    response: ServerResponse,
  ): Promise<object | undefined> {
    if (method === "server/discover") {
      return {
        supportedVersions: ["2026-07-28"],
        capabilities: { tools: {} },
        serverInfo: { name: "recorder", version: "1.0.0" },
        ttlMs: 0,
        cacheScope: "public",
      };
    }
    if (method === "tools/list") return { tools: recorder.definitions, ttlMs: 0, cacheScope: "public" };
    return method === "tools/call" ? call(params.name, params.arguments, response) : undefined;
  }

  const http = createServer((request, response) => {
    if (request.method !== "POST") response.writeHead(405).end();
    else respond(request, response).catch(() => response.destroy());
  });
  http.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return Object.assign(recorder, {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    calls: (marker: string) => calls.get(marker) ?? 0,
    effects: () => readEffects(file),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await ledger?.end();
      closeSync(fd);
    },
  });
}

function state(there: boolean): object {
  const words = there ? "there" : "absent";
  return { content: [{ type: "text", text: words }], structuredContent: { state: words } };
}

export function readEffects(file: string): readonly Effect[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Effect);
}
