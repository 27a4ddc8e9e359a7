import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";
import { openTestGate, robot, type TestGate } from "./gate.ts";
import { modern, rpc } from "./raw.ts";

let fixture: Fixture;
let gate: TestGate;

beforeAll(async () => {
  fixture = await startFixture();
  gate = await openTestGate({
    upstreams: [{ server: "alpha", transport: "http", url: fixture.url, headers: {} }],
    keys: { "key-a": robot, "key-b": { ...robot, agent: "other" } },
    treat: (_server, tool) => (tool === "test_audio_content" ? "hold" : "allow"),
    config: { waitMs: 50 },
  });
});
afterAll(async () => {
  await gate.close();
  await fixture.close();
});

const key = (name = "key-a") => ({ authorization: `Bearer ${name}` });
const call = (params: object, headers: Record<string, string> = {}) =>
  modern(gate.origin, "/mcp/alpha", "tools/call", { arguments: {}, ...params }, { headers: { ...key(), ...headers } });
const simple = { name: "test_simple_text" };

async function noneSubmitted(work: () => Promise<{ status: number; body: { error?: { code: number } } | undefined }>) {
  const before = gate.hall.submissions.length;
  const answer = await work();
  expect(gate.hall.submissions.length).toBe(before);
  return { status: answer.status, code: answer.body?.error?.code };
}

describe("who calls and from where", () => {
  it("answers an unknown caller with where to find out how to authenticate", async () => {
    const without = await rpc(gate.origin, "/mcp/alpha", { jsonrpc: "2.0", id: 1, method: "ping" });
    expect(without.status).toBe(401);
    expect(without.headers["www-authenticate"]).toBe(
      `Bearer resource_metadata="${gate.origin}/.well-known/oauth-protected-resource/mcp"`,
    );
    const wrong = await rpc(
      gate.origin,
      "/mcp/alpha",
      { jsonrpc: "2.0", id: 1, method: "ping" },
      { headers: key("nobody") },
    );
    expect(wrong.headers["www-authenticate"]).toContain('error="invalid_token"');
  });

  it.each([
    [{ host: "evil.example" }],
    [{ origin: "https://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://localhost:1" }],
    [{ host: "127.0.0.1.evil.example" }],
  ])("refuses the names %j", async (headers) => {
    expect(await noneSubmitted(() => call(simple, headers))).toMatchObject({ status: 403 });
  });

  it("does not show one agent another's session, task or server", async () => {
    const open = {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a", version: "1" } },
    };
    const started = await rpc(gate.origin, "/mcp/alpha", open, { headers: key() });
    const session = { "mcp-session-id": String(started.headers["mcp-session-id"]) };
    const ping = { jsonrpc: "2.0", id: 2, method: "ping" };
    expect((await rpc(gate.origin, "/mcp/alpha", ping, { headers: { ...key(), ...session } })).body.result).toEqual({});
    expect((await rpc(gate.origin, "/mcp/alpha", ping, { headers: { ...key("key-b"), ...session } })).status).toBe(404);
    expect((await rpc(gate.origin, "/mcp", ping, { headers: { ...key(), ...session } })).status).toBe(404);
    const capabilities = { extensions: { "io.modelcontextprotocol/tasks": {} } };
    const options = { headers: key(), capabilities };
    const held = await modern(
      gate.origin,
      "/mcp/alpha",
      "tools/call",
      { name: "test_audio_content", arguments: {} },
      options,
    );
    const { taskId } = held.body.result;
    const stolen = await modern(
      gate.origin,
      "/mcp/alpha",
      "tasks/get",
      { taskId },
      { headers: key("key-b"), capabilities },
    );
    expect(stolen.body.error.code).toBe(-32602);
    expect((await call(simple, {})).status).toBe(200);
    expect((await rpc(gate.origin, "/mcp/hidden", ping, { headers: key() })).status).toBe(404);
  });

  it("does not take a request state that was given to another agent", async () => {
    const capabilities = { elicitation: {} };
    const params = { name: "test_input_required_result_request_state", arguments: {} };
    const first = await modern(gate.origin, "/mcp/alpha", "tools/call", params, { headers: key(), capabilities });
    const again = {
      ...params,
      requestState: first.body.result.requestState,
      inputResponses: { confirm: { action: "accept", content: { ok: true } } },
    };
    const stolen = await modern(gate.origin, "/mcp/alpha", "tools/call", again, {
      headers: key("key-b"),
      capabilities,
    });
    expect(stolen.body.error.code).toBe(-32602);
  });
});

describe("headers that disagree with the body", () => {
  it.each([
    [{ "mcp-name": "test_error_handling" }, -32020],
    [{ "mcp-method": "tools/list" }, -32020],
    [{ "mcp-protocol-version": "2025-11-25" }, -32020],
    [{ "mcp-name": "=?base64?dGVzdF9zaW1wbGVfdGV4dA?=" }, -32020],
  ])("refuses %j", async (headers, code) => {
    expect(await noneSubmitted(() => call(simple, headers))).toEqual({ status: 400, code });
  });

  it("takes a name in its encoded form", async () => {
    const encoded = `=?base64?${Buffer.from(simple.name).toString("base64")}?=`;
    expect((await call(simple, { "mcp-name": encoded })).status).toBe(200);
  });

  it("refuses a mirrored argument that differs, is missing or should not be there", async () => {
    const tool = { name: "test_x_mcp_header" };
    const region = { ...tool, arguments: { region: "north" } };
    expect((await call(region, { "mcp-param-region": "north" })).body.result.content[0].text).toBe("north");
    expect(await noneSubmitted(() => call(region, { "mcp-param-region": "south" }))).toEqual({
      status: 400,
      code: -32020,
    });
    expect(await noneSubmitted(() => call(region))).toEqual({ status: 400, code: -32020 });
    expect(await noneSubmitted(() => call(tool, { "mcp-param-region": "north" }))).toEqual({
      status: 400,
      code: -32020,
    });
  });
});

describe("bodies", () => {
  const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`;
  const headers = {
    ...key(),
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": simple.name,
  };
  const raw = (body: string | Buffer) => noneSubmitted(() => rpc(gate.origin, "/mcp/alpha", body, { headers }));
  const around = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${params},${meta}}}`;

  it.each([
    ["nothing", "", -32700],
    ["half a message", '{"jsonrpc":"2.0"', -32700],
    ["a name twice", around('"name":"test_simple_text","name":"test_error_handling","arguments":{}'), -32600],
    ["a name twice, once escaped", around('"name":"test_simple_text","n\\u0061me":"test_error_handling"'), -32600],
    [
      "an integer that two readers would read differently",
      around('"name":"test_simple_text","arguments":{"n":9007199254740993}'),
      -32600,
    ],
    ["depth", around(`"name":"test_simple_text","arguments":{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`), -32600],
    ["half a surrogate pair", around('"name":"test_simple_text","arguments":{"a":"\\ud800"}'), -32600],
    ["no version of JSON-RPC", '{"id":1,"method":"tools/call"}', -32600],
    ["an id that is a fraction", '{"jsonrpc":"2.0","id":1.5,"method":"tools/call"}', -32600],
    ["params that are a list", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}', -32600],
  ])("refuses %s", async (_what, body, code) => {
    expect(await raw(body)).toEqual({ status: 400, code });
  });

  it("refuses bytes that are not UTF-8", async () => {
    expect(await raw(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]))).toEqual({
      status: 400,
      code: -32700,
    });
  });

  it("refuses more than about a megabyte, said in advance or not", async () => {
    const big = around(`"name":"test_simple_text","arguments":{"a":"${"x".repeat(1_200_000)}"}`);
    const answer = await rpc(gate.origin, "/mcp/alpha", big, { headers }).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
    const chunked = await rpc(gate.origin, "/mcp/alpha", big, {
      headers: { ...headers, "transfer-encoding": "chunked" },
    }).catch(() => ({ status: 413 }));
    expect(chunked.status).toBe(413);
    const fits = around(`"name":"test_simple_text","arguments":{"a":"${"x".repeat(1_000_000)}"}`);
    expect((await rpc(gate.origin, "/mcp/alpha", fits, { headers })).status).toBe(200);
  });

  it("refuses other types and other methods", async () => {
    expect((await call(simple, { "content-type": "text/plain" })).status).toBe(415);
    expect((await call(simple, { accept: "text/html" })).status).toBe(406);
    for (const method of ["PUT", "PATCH", "GET", "DELETE"]) {
      expect((await rpc(gate.origin, "/mcp/alpha", "", { method, headers: key() })).status).toBe(405);
    }
  });
});

describe("the protocol", () => {
  it("names the revisions it speaks where another is asked for", async () => {
    const version = "2031-01-01";
    const params = {
      _meta: { "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {} },
    };
    const headers = { ...key(), "mcp-protocol-version": version, "mcp-method": "tools/list" };
    const answer = await rpc(
      gate.origin,
      "/mcp/alpha",
      { jsonrpc: "2.0", id: 1, method: "tools/list", params },
      { headers },
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: -32022, data: { supported: ["2026-07-28"], requested: version } } },
    });
    const old = await rpc(
      gate.origin,
      "/mcp/alpha",
      { jsonrpc: "2.0", id: 1, method: "ping" },
      { headers: { ...key(), "mcp-protocol-version": "1999-01-01" } },
    );
    expect(old.status).toBe(400);
  });

  it("knows no method but the revision's own", async () => {
    for (const method of ["initialize", "ping", "logging/setLevel", "sampling/createMessage", "x/../y", "tasks/list"]) {
      expect(await modern(gate.origin, "/mcp/alpha", method, {}, { headers: key() })).toMatchObject({
        status: 404,
        body: { error: { code: -32601 } },
      });
    }
  });

  it("carries a name with line breaks and terminal codes to the hall without writing it into a header", async () => {
    const name = "x\r\nx-admin: yes\u001b[2J";
    const answer = await call({ name }, { "mcp-name": `=?base64?${Buffer.from(name).toString("base64")}?=` });
    expect(answer.headers["x-admin"]).toBeUndefined();
    expect(gate.hall.submissions.at(-1)?.submission.tool).toBe(name);
    expect(answer.status).toBe(200);
  });

  it("survives requests that break off", async () => {
    const { port } = new URL(gate.origin);
    for (const text of [
      "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
      "GARBAGE\r\n\r\n",
      "",
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), "127.0.0.1", () =>
          socket.end(text, () => setTimeout(() => socket.destroy(), 20)),
        );
        socket.on("close", () => resolve());
        socket.on("error", () => {});
      });
    }
    expect((await call(simple)).status).toBe(200);
  });
});
