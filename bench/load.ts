import { connect, type Socket } from "node:net";
import { serveParent } from "./child.ts";
import { argumentsOf } from "./notes.ts";

/** The load generator, a process of its own: HTTP/1.1 over kept connections, written and read by hand to cost little. */
export interface Target {
  readonly url: string;
  readonly key: string;
}

export interface Load {
  readonly target: Target;
  /** Of ten calls, how many write. */
  readonly writesInTen: number;
  /** Closed loop: this many callers, each with one call under way. */
  readonly callers: number;
  readonly calls: number;
  /** Open loop where given: calls begin at this rate, whatever becomes of earlier ones. */
  readonly perSecond?: number;
}

export interface Measured {
  readonly calls: number;
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds, one for each call, in the order of their ends. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

const version = "2026-07-28";
const meta = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
};
let last = 0;

class Connection {
  readonly #socket: Socket;
  #text = "";
  #ended: ((body: string) => void) | undefined;
  #broken: ((reason: Error) => void) | undefined;

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => this.#hear(chunk));
    this.#socket.on("close", () => this.#broken?.(new Error("the connection closed")));
    this.#socket.on("error", (error) => this.#broken?.(error));
  }

  send(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#ended = resolve;
      this.#broken = reject;
      this.#socket.write(bytes, "latin1");
    });
  }

  #hear(chunk: string): void {
    this.#text += chunk;
    const head = this.#text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = /content-length: (\d+)/i.exec(this.#text.slice(0, head))?.[1];
    const end =
      length === undefined ? this.#text.endsWith("0\r\n\r\n") : this.#text.length >= head + 4 + Number(length);
    if (!end) return;
    const whole = this.#text;
    this.#text = "";
    this.#ended?.(whole);
  }

  end(): void {
    this.#broken = undefined;
    this.#socket.destroy();
  }
}

function requestOf(target: Target, url: URL, tool: string, n: number): string {
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: n,
    method: "tools/call",
    params: { name: tool, arguments: argumentsOf(tool, n), _meta: meta },
  });
  return (
    `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${target.key}\r\n` +
    `content-type: application/json\r\naccept: application/json, text/event-stream\r\nmcp-protocol-version: ${version}\r\n` +
    `mcp-method: tools/call\r\nmcp-name: ${tool}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

async function run(load: Load): Promise<Measured> {
  const url = new URL(load.target.url);
  const idle: Connection[] = [];
  const reads: number[] = [];
  const writes: number[] = [];
  let failed = 0;
  const one = async (connection: Connection, n: number, from: number): Promise<void> => {
    const writing = n % 10 < load.writesInTen;
    const answer = await connection.send(requestOf(load.target, url, writing ? "write_note" : "read_note", n));
    (writing ? writes : reads).push(performance.now() - from);
    if (!answer.startsWith("HTTP/1.1 200") || !answer.includes("all is well")) {
      failed += 1;
      if (failed <= 3) console.error("a call failed:", answer.slice(0, 600));
    }
  };
  const started = performance.now();
  if (load.perSecond === undefined) {
    let left = load.calls;
    const caller = async (): Promise<void> => {
      const connection = new Connection(url.hostname, Number(url.port));
      while (left > 0) {
        left -= 1;
        await one(connection, ++last, performance.now());
      }
      connection.end();
    };
    await Promise.all(Array.from({ length: load.callers }, caller));
  } else {
    await openLoop(load.calls, load.perSecond, async (dueAt) => {
      const connection = idle.pop() ?? new Connection(url.hostname, Number(url.port));
      await one(connection, ++last, dueAt);
      idle.push(connection);
    });
    for (const connection of idle) connection.end();
  }
  return { calls: reads.length + writes.length, failed, seconds: (performance.now() - started) / 1000, reads, writes };
}

/** Begins a call whenever one is due; latency counts from when it was due, so a stall of anybody is seen. */
async function openLoop(calls: number, perSecond: number, begin: (dueAt: number) => Promise<void>): Promise<void> {
  const started = performance.now() + 5;
  const every = 1000 / perSecond;
  const all: Promise<void>[] = [];
  while (all.length < calls) {
    const now = performance.now();
    while (all.length < calls && started + all.length * every <= now) all.push(begin(started + all.length * every));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
}

serveParent({}, { run: (load: Load) => run(load), close: async () => {} });
