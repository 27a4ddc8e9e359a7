import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Problem } from "../../packages/countersign/src/floor/problem.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { memorySessions, openTestGate, type TestGate } from "./gate.ts";
import { modern, rpc } from "./raw.ts";

let fixture: Fixture;
let gate: TestGate;
const sessions = memorySessions();

beforeAll(async () => {
  fixture = await startFixture();
  gate = await openTestGate({
    upstreams: [
      { server: "alpha", transport: "http", url: fixture.url, headers: {} },
      { server: "gone", transport: "http", url: "http://127.0.0.1:1/mcp", headers: {} },
    ],
    treat: (_server, tool) => (tool === "test_audio_content" ? "hold" : "allow"),
    config: { waitMs: 300 },
    sessions,
  });
});
afterAll(async () => {
  await gate.close();
  await fixture.close();
});

async function openSession(path: string, version = "2025-11-25"): Promise<Record<string, string>> {
  const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: "a", version: "1" } };
  const answer = await rpc(gate.origin, path, { jsonrpc: "2.0", id: 0, method: "initialize", params });
  expect(answer.body.result.protocolVersion).toBe(version);
  return { "mcp-session-id": String(answer.headers["mcp-session-id"]) };
}

/** Reads until an event, then breaks off; the name of the stream. */
async function firstStream(origin: string, init: RequestInit, event = 0): Promise<string> {
  const accept = { accept: "application/json, text/event-stream", "content-type": "application/json" };
  const headers = { ...accept, ...(init.headers as Record<string, string>) };
  const response = await fetch(`${origin}/mcp/alpha`, { ...init, headers });
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const name = new RegExp(`^id: (.+)-${event}$`, "m").exec(text)?.[1];
    if (name !== undefined) return name;
  }
  throw new Error(`the stream ended before event ${event}: ${response.status} ${text}`);
}

const breakOff = (headers: Record<string, string>, body: object, event: number): Promise<string> =>
  firstStream(gate.origin, { method: "POST", headers, body: JSON.stringify(body) }, event);

const call = (id: number, name: string, meta = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: {}, _meta: meta },
});

describe("streams of the older era", () => {
  it("give a client that comes back with Last-Event-ID what it missed, and nothing twice", async () => {
    const headers = await openSession("/mcp/alpha");
    const stream = await breakOff(headers, call(1, "test_tool_with_logging"), 1);
    expect(gate.hall.submissions.at(-1)?.options.signal?.aborted).toBe(false);
    const back = () =>
      rpc(gate.origin, "/mcp/alpha", "", { method: "GET", headers: { ...headers, "last-event-id": `${stream}-1` } });
    // The second time all is there already: were the place past it at first, a break would lose the rest.
    for (const rest of [await back(), await back()]) {
      expect(rest.text.startsWith(`id: ${stream}-1\n`)).toBe(true);
      expect(rest.body).toMatchObject({ id: 1, result: { content: [{ text: "logged three times" }] } });
      expect(rest.text).not.toContain('"begun"');
      expect(rest.text).toContain('"at the end"');
    }
  });

  it.each(["2025-11-25", "2025-06-18"])(
    "are told from what another replica opens for a place that it does not know: %s",
    async (version) => {
      const upstreams = [{ server: "alpha", transport: "http", url: fixture.url, headers: {} }] as const;
      const other = await openTestGate({ upstreams, sessions });
      const headers = await openSession("/mcp/alpha", version);
      const stream = await breakOff(headers, call(1, "test_tool_with_logging"), 1);
      const place = { "last-event-id": `${stream}-1` };
      expect(await firstStream(other.origin, { method: "GET", headers: { ...headers, ...place } })).not.toBe(stream);
      await other.close();
    },
  );

  it.each(["2025-03-26", "2024-11-05"])(
    "do not prime clients of revisions that know no such event: %s",
    async (version) => {
      const headers = await openSession("/mcp/alpha", version);
      const answer = await rpc(gate.origin, "/mcp/alpha", call(1, "test_simple_text"), { headers });
      expect(answer.text).not.toContain("retry:");
      const batch = [
        { jsonrpc: "2.0", id: 2, method: "ping" },
        call(3, "test_simple_text"),
        { jsonrpc: "2.0", method: "notifications/x" },
      ];
      const answers = await rpc(gate.origin, "/mcp/alpha", batch, { headers });
      expect(answers.body.map((one: { id: number }) => one.id)).toEqual([2, 3]);
    },
  );

  it("carry what belongs to no request, one at a time", async () => {
    const headers = await openSession("/mcp/alpha");
    const stop = new AbortController();
    const accept = { ...headers, accept: "text/event-stream" };
    const general = await fetch(`${gate.origin}/mcp/alpha`, { headers: accept, signal: stop.signal });
    expect(general.status).toBe(200);
    expect((await rpc(gate.origin, "/mcp/alpha", "", { method: "GET", headers })).status).toBe(409);
    stop.abort();
    await general.text().catch(() => undefined);
  });

  it("answer a request whose id is still running with an error, and run it once", async () => {
    const headers = await openSession("/mcp/alpha");
    const before = gate.hall.submissions.length;
    const both = await Promise.all(
      [1, 1].map((id) => rpc(gate.origin, "/mcp/alpha", call(id, "test_tool_with_logging"), { headers })),
    );
    expect(both.filter((answer) => answer.body.error?.code === -32600).length).toBe(1);
    expect(gate.hall.submissions.length).toBe(before + 1);
  });

  it("tell a client that wants progress that its action is held", async () => {
    const headers = await openSession("/mcp/alpha");
    const answer = await rpc(gate.origin, "/mcp/alpha", call(1, "test_audio_content", { progressToken: "p" }), {
      headers,
    });
    expect(answer.text).toContain('"progressToken":"p"');
    expect(answer.text).toContain("waiting for an approval");
    expect(answer.body.result.structuredContent.state).toBe("held");
  });
});

describe("somebody who listens while it cannot be known whether they still may", () => {
  it("hears nothing meanwhile, and all of it once it is known; nothing where they may not", async () => {
    let say = (): boolean => true;
    const upstreams = [{ server: "alpha", transport: "http", url: fixture.url, headers: {} }] as const;
    const careful = await openTestGate({ upstreams, again: () => say() });
    const heard = { text: "", isOver: false };
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const method = "subscriptions/listen";
    const response = await fetch(`${careful.origin}/mcp/alpha`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": method,
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method,
        params: { notifications: { toolsListChanged: true }, _meta },
      }),
    });
    const reading = (async () => {
      for await (const chunk of response.body ?? []) heard.text += Buffer.from(chunk).toString();
    })()
      .catch(() => undefined)
      .finally(() => {
        heard.isOver = true;
      });
    const change = () =>
      modern(careful.origin, "/mcp/alpha", "tools/call", { name: "test_trigger_tool_change", arguments: {} });
    const told = () => heard.text.match(/notifications\/tools\/list_changed/g)?.length ?? 0;
    await expect.poll(() => heard.text).toContain("acknowledged");
    await change();
    await expect.poll(told).toBe(1);
    let asked = 0;
    say = () => {
      asked += 1;
      throw new Problem("unavailable", "who may call cannot be confirmed now");
    };
    await expect.poll(() => asked).toBeGreaterThan(1);
    await change();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([told(), heard.isOver]).toEqual([1, false]);
    say = () => true;
    await expect.poll(told).toBe(2);
    const known = asked;
    say = () => {
      asked += 1;
      throw new Problem("unavailable", "who may call cannot be confirmed now");
    };
    await expect.poll(() => asked).toBeGreaterThan(known + 1);
    await change();
    await new Promise((resolve) => setTimeout(resolve, 200));
    say = () => false;
    await reading;
    expect(told()).toBe(2);
    await careful.close();
  });
});

describe("the address of all servers", () => {
  it("shows the servers that are there although another is not", async () => {
    const headers = await openSession("/mcp");
    const listed = await rpc(gate.origin, "/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" }, { headers });
    expect(listed.body.result.tools.length).toBeGreaterThan(20);
    const failed = await rpc(gate.origin, "/mcp", call(2, "gone__x"), { headers });
    expect(failed.body.result).toMatchObject({
      isError: true,
      structuredContent: { state: "failed", sentence: "the upstream could not be reached" },
    });
    const alone = await modern(gate.origin, "/mcp/gone", "tools/list");
    expect(alone.body.error).toMatchObject({ code: -32603 });
  });

  it("says nothing of a server that the caller may not know", async () => {
    for (const name of ["hidden__x", "alpha", "__x", "alpha_x"]) {
      expect((await modern(gate.origin, "/mcp", "tools/call", { name, arguments: {} })).body.error.code).toBe(-32602);
    }
  });
});

describe("what the server said", () => {
  const odd = {
    tools: [
      {
        "x-first": 1,
        name: "odd",
        inputSchema: { type: "object", if: { $ref: "#/$defs/a" }, $defs: { a: {} }, "x-own": [null] },
        annotations: { title: "t", "x-y": 1 },
      },
    ],
    result: {
      "x-top": { deep: [1, 2.5, null, "\u0001é"] },
      content: [
        { type: "x-own/type", "x-a": true },
        { type: "text", text: "t", annotations: { "x-b": 0 } },
      ],
      structuredContent: [1],
    },
  };
  const answers: Record<string, object> = {
    "server/discover": { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities: { tools: {} } },
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { tools: {} },
      serverInfo: { name: "odd", version: "1" },
    },
    "tools/list": { tools: odd.tools },
    "tools/call": odd.result,
  };

  it.each(["modern", "legacy"] as const)("comes through unaltered: %s", async (era) => {
    const http = createServer(async (request, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString() || "{}");
      const known =
        (era === "modern" ? method !== "initialize" : method !== "server/discover") && answers[method] !== undefined;
      response.writeHead(known ? 200 : 400, { "content-type": "application/json" });
      response.end(known ? JSON.stringify({ jsonrpc: "2.0", id, result: answers[method] }) : undefined);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    const odds = await openTestGate({
      upstreams: [{ server: "odd", transport: "http", url, headers: {} }],
      config: { isTransparent: () => true },
    });
    const listed = await modern(odds.origin, "/mcp/odd", "tools/list");
    expect(JSON.stringify(listed.body.result.tools)).toBe(JSON.stringify(odd.tools));
    const called = await modern(odds.origin, "/mcp/odd", "tools/call", { name: "odd", arguments: {} });
    const { resultType, ...rest } = called.body.result;
    expect(resultType).toBe("complete");
    expect(JSON.stringify(rest)).toBe(JSON.stringify(odd.result));
    await odds.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
});

it("follows changes of lists and of one resource on a stream of the stateless revision", async () => {
  const stop = new AbortController();
  let text = "";
  const notifications = { toolsListChanged: true, resourceSubscriptions: ["test://watched-resource"] };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const response = await fetch(`${gate.origin}/mcp/alpha`, {
    method: "POST",
    signal: stop.signal,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: "sub",
      method: "subscriptions/listen",
      params: { notifications, _meta },
    }),
  });
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  await expect.poll(() => text).toContain('"resourceSubscriptions":["test://watched-resource"]');
  expect(gate.hall.submissions.at(-1)?.submission).toMatchObject({
    tool: "mcp:resources/subscribe",
    args: { uri: "test://watched-resource" },
  });
  await modern(gate.origin, "/mcp/alpha", "tools/call", { name: "test_trigger_prompt_change", arguments: {} });
  await modern(gate.origin, "/mcp/alpha", "tools/call", { name: "test_trigger_tool_change", arguments: {} });
  await expect.poll(() => text).toContain("notifications/tools/list_changed");
  expect(text).not.toContain("notifications/prompts/list_changed");
  expect(text.match(/"io\.modelcontextprotocol\/subscriptionId":"sub"/g)?.length).toBe(2);
  stop.abort();
  await reading;
});
