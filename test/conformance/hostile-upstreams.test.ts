import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Answer } from "../../packages/countersign/src/execution/connector.ts";
import { openUpstream, type Upstream } from "../../packages/countersign/src/execution/mcp/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";

type Serve = (request: IncomingMessage, response: ServerResponse, message: { id?: unknown; method: string }) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A stateless upstream that finds itself well and then does to `tools/call` what the test says. */
async function upstreamThat(
  serve: Serve,
  options: { legacy?: boolean; onNotification?: (response: ServerResponse) => void } = {},
): Promise<{ upstream: Upstream; calls: () => number; url: string }> {
  let calls = 0;
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const message = (text === "" ? { method: request.method } : JSON.parse(text)) as { id?: unknown; method: string };
    if (message.method === "tools/call") {
      calls += 1;
      return serve(request, response, message);
    }
    if (message.method === "notifications/initialized" && options.onNotification !== undefined) {
      return options.onNotification(response);
    }
    greet(response, message, options.legacy === true);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  const upstream = openUpstream(
    { server: "bad", transport: "http", url, headers: { "x-key": new Secret("s3cret-s3cret") } },
    { log: silent, clock: systemClock },
  );
  closers.push(async () => {
    await upstream.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  return { upstream, calls: () => calls, url };
}

function greet(response: ServerResponse, message: { id?: unknown; method: string }, legacy: boolean): void {
  const results: Record<string, object> = {
    "tools/list": { resultType: "complete", tools: [] },
    ...(legacy
      ? { initialize: { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "old", version: "1" } } }
      : { "server/discover": { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities: {} } }),
  };
  const result = results[message.method];
  if (result === undefined)
    return void response.writeHead(message.method === "notifications/initialized" ? 202 : 405).end();
  response.writeHead(200, { "content-type": "application/json", ...(legacy ? { "mcp-session-id": "s1" } : {}) });
  response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
}

function call(upstream: Upstream, more: { deadlineMs?: number; signal?: AbortSignal } = {}): Promise<Answer> {
  const { signal } = new AbortController();
  return upstream.call({
    actionId: "act",
    server: "bad",
    method: "tools/call",
    params: { name: "t", arguments: {} },
    deadlineMs: 2_000,
    signal,
    workflow: "w",
    ...more,
  });
}

const json = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};
const stream = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

describe("what is certain after a call", () => {
  const cases: [string, Serve, Partial<Answer>][] = [
    [
      "a result",
      (_q, s, m) => json(s, 200, { jsonrpc: "2.0", id: m.id, result: { content: [] } }),
      { kind: "answered" },
    ],
    [
      "an error of its own",
      (_q, s, m) => json(s, 200, { jsonrpc: "2.0", id: m.id, error: { code: -5, message: "no" } }),
      { kind: "error" },
    ],
    [
      "an error with HTTP 400",
      (_q, s, m) => json(s, 400, { jsonrpc: "2.0", id: m.id, error: { code: -32602, message: "no" } }),
      { kind: "error" },
    ],
    [
      "the answer to another request",
      (_q, s) => json(s, 200, { jsonrpc: "2.0", id: 999, result: {} }),
      { kind: "lost" },
    ],
    [
      "an answer that is both",
      (_q, s, m) => json(s, 200, `{"jsonrpc":"2.0","id":${m.id},"result":{},"result":{"x":1}}`),
      { kind: "lost" },
    ],
    ["no JSON", (_q, s) => json(s, 200, "<html>"), { kind: "lost" }],
    [
      "a number that cannot be kept",
      (_q, s, m) => json(s, 200, `{"jsonrpc":"2.0","id":${m.id},"result":{"n":9007199254740993}}`),
      { kind: "lost" },
    ],
    ["HTTP 500", (_q, s) => void s.writeHead(500).end("oops"), { kind: "lost" }],
    ["HTTP 401", (_q, s) => void s.writeHead(401).end(), { kind: "never_sent" }],
    ["HTTP 429", (_q, s) => void s.writeHead(429).end(), { kind: "never_sent" }],
    ["a closed connection", (q) => void q.socket.destroy(), { kind: "lost" }],
    [
      "half an answer",
      (_q, s) => {
        s.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        s.write("{");
        s.destroy();
      },
      { kind: "lost" },
    ],
    ["a stream that ends without an answer", (_q, s) => void stream(s).end(": nothing\n\n"), { kind: "lost" }],
    [
      "a stream with a request in it",
      (_q, s, m) =>
        void stream(s).end(
          `data: {"jsonrpc":"2.0","id":7,"method":"elicitation/create"}\n\ndata: {"jsonrpc":"2.0","id":${m.id},"result":{}}\n\n`,
        ),
      { kind: "answered" },
    ],
    ["a stream that lies", (_q, s) => void stream(s).end("data: {nonsense\n\n"), { kind: "lost" }],
  ];
  it.each(cases)("%s", async (_what, serve, expected) => {
    const { upstream, calls } = await upstreamThat(serve);
    expect(await call(upstream)).toMatchObject(expected);
    expect(calls()).toBe(1);
  });

  it("a server that hangs is lost at the deadline, asked once", async () => {
    const { upstream, calls } = await upstreamThat(() => {});
    expect(await call(upstream, { deadlineMs: 200 })).toEqual({
      kind: "lost",
      reason: "the upstream did not answer in time",
    });
    expect(calls()).toBe(1);
  });

  it("a stream that only keeps itself alive is lost at the deadline", async () => {
    const { upstream } = await upstreamThat((_q, s) => {
      stream(s);
      const timer = setInterval(() => s.write(": \n\n"), 20);
      s.once("close", () => clearInterval(timer));
    });
    expect(await call(upstream, { deadlineMs: 300 })).toMatchObject({ kind: "lost" });
  });

  it("a flood is cut off", async () => {
    const { upstream } = await upstreamThat((_q, s) => {
      stream(s);
      const flood = () => {
        while (!s.destroyed && s.write(`data: ${"x".repeat(65_536)}\n`));
        if (!s.destroyed) s.once("drain", flood);
      };
      flood();
    });
    expect(await call(upstream, { deadlineMs: 60_000 })).toEqual({
      kind: "lost",
      reason: "one event is larger than its limit",
    });
  });

  it("a redirect is not followed, and takes no credential along", async () => {
    let asked = 0;
    const thief = await upstreamThat(() => void asked++);
    const { upstream } = await upstreamThat((_q, s) => void s.writeHead(307, { location: thief.url }).end());
    expect(await call(upstream)).toMatchObject({ kind: "never_sent" });
    expect(asked + thief.calls()).toBe(0);
  });

  it("a call that was cancelled while it ran is lost, and the connection is closed", async () => {
    let closed = false;
    const { upstream, calls } = await upstreamThat((_q, s) => void s.once("close", () => (closed = true)));
    const stop = new AbortController();
    const answer = call(upstream, { signal: stop.signal });
    await expect.poll(calls).toBe(1);
    stop.abort();
    expect(await answer).toMatchObject({ kind: "lost" });
    await expect.poll(() => closed).toBe(true);
    expect(await call(upstream, { signal: stop.signal })).toMatchObject({ kind: "never_sent" });
  });

  it("an upstream cannot tell an agent the credential that it was given", async () => {
    const { upstream } = await upstreamThat((q, s, m) => {
      const data = `you sent ${q.headers["x-key"]}`;
      const told = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data } };
      stream(s).end(
        `data: ${JSON.stringify(told)}\n\ndata: ${JSON.stringify({ jsonrpc: "2.0", id: m.id, result: {} })}\n\n`,
      );
    });
    const heard: string[] = [];
    const relay = { notify: (message: object) => void heard.push(JSON.stringify(message)), request: async () => ({}) };
    const { signal } = new AbortController();
    const params = { name: "t", arguments: {} };
    await upstream.call({
      actionId: "a",
      server: "bad",
      method: "tools/call",
      params,
      deadlineMs: 2_000,
      signal,
      workflow: "w",
      relay,
    });
    expect(heard).toHaveLength(1);
    expect(heard[0]).toContain("you sent [secret]");
  });

  it("a call that runs while the upstream is closed still gets its answer, and nothing new is sent", async () => {
    const { upstream, calls } = await upstreamThat((_q, s, m) => {
      setTimeout(() => json(s, 200, { jsonrpc: "2.0", id: m.id, result: { content: [] } }), 100);
    });
    const answer = call(upstream);
    await expect.poll(calls).toBe(1);
    const closed = upstream.close();
    expect(await call(upstream)).toMatchObject({ kind: "never_sent" });
    expect(await answer).toMatchObject({ kind: "answered" });
    await closed;
    expect(calls()).toBe(1);
  });

  it("an address where nobody listens was never sent anything", async () => {
    const upstream = openUpstream(
      { server: "bad", transport: "http", url: "http://127.0.0.1:1/mcp", headers: {} },
      { log: silent, clock: systemClock },
    );
    expect(await call(upstream)).toEqual({ kind: "never_sent", reason: "the upstream could not be reached" });
    await upstream.close();
  });
});

describe("sessions of the older era", () => {
  it("opens another session and sends there once, where the server says that the first has ended", async () => {
    let first = true;
    const { upstream, calls } = await upstreamThat(
      (_q, s, m) => {
        if (first) s.writeHead(404).end();
        else json(s, 200, { jsonrpc: "2.0", id: m.id, result: { content: [] } });
        first = false;
      },
      { legacy: true },
    );
    expect(await call(upstream)).toMatchObject({ kind: "answered" });
    expect(calls()).toBe(2);
  });

  it("lets go of a stream that nobody reads: a server may answer a notification with one", async () => {
    const open = new Set<ServerResponse>();
    const { upstream } = await upstreamThat((_q, s, m) => json(s, 200, { jsonrpc: "2.0", id: m.id, result: {} }), {
      legacy: true,
      onNotification: (s) => {
        open.add(stream(s));
        s.flushHeaders();
        s.once("close", () => open.delete(s));
      },
    });
    expect(await call(upstream)).toMatchObject({ kind: "answered" });
    await expect.poll(() => open.size).toBe(0);
  });

  it("gives up where every session has ended", async () => {
    const { upstream, calls } = await upstreamThat((_q, s) => void s.writeHead(404).end(), { legacy: true });
    expect(await call(upstream)).toMatchObject({ kind: "never_sent" });
    expect(calls()).toBe(2);
  });

  it("fetches the rest of a stream that the server let go, and never sends the call again", async () => {
    const { upstream, calls } = await upstreamThat((_q, s) => void stream(s).end("id: 1\nretry: 10\ndata: \n\n"), {
      legacy: true,
    });
    expect(await call(upstream)).toMatchObject({ kind: "lost" });
    expect(calls()).toBe(1);
  });
});
