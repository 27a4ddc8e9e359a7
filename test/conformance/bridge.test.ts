import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBridge } from "../../packages/countersign/src/doors/mcp/index.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { memorySessions, openTestGate, robot, type TestGate } from "./gate.ts";

let fixture: Fixture;
let gate: TestGate;
const sessions = memorySessions();
const opened: string[] = [];

beforeAll(async () => {
  fixture = await startFixture();
  gate = await openTestGate({
    upstreams: [{ server: "alpha", transport: "http", url: fixture.url, headers: {} }],
    keys: { "key-a": robot },
    sessions: {
      ...sessions,
      open(row) {
        opened.push(row.id);
        return sessions.open(row);
      },
    },
  });
});
afterAll(async () => {
  await gate.close();
  await fixture.close();
});

function bridge(origin = gate.origin, key = "key-a") {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const heard: Record<string, unknown>[] = [];
  createInterface({ input: output }).on("line", (line) => heard.push(JSON.parse(line)));
  const ended = runBridge({ url: `${origin}/mcp/alpha`, key: new Secret(key), input, output, log: silent });
  return {
    heard,
    say: (message: object) => void input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    answer: async (id: number, timeout = 20_000) => {
      await expect.poll(() => heard.some((message) => message.id === id), { timeout }).toBe(true);
      return heard.find((message) => message.id === id) as {
        result?: unknown;
        error?: { code: number; message: string };
      };
    },
    async end() {
      input.end();
      await ended;
    },
  };
}

const hello = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: { sampling: {} }, clientInfo: { name: "a", version: "1" } },
};
const _meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

describe("the bridge from stdio", () => {
  it("carries an older session, with requests of the server to the client and back", async () => {
    const over = bridge();
    over.say(hello);
    await over.answer(1);
    over.say({ method: "notifications/initialized" });
    over.say({ id: 2, method: "tools/call", params: { name: "test_sampling", arguments: { prompt: "?" } } });
    await expect.poll(() => over.heard.some((message) => message.method === "sampling/createMessage")).toBe(true);
    const asked = over.heard.find((message) => message.method === "sampling/createMessage");
    over.say({
      id: asked?.id,
      result: { role: "assistant", model: "m", content: { type: "text", text: "sampled words" } },
    });
    expect(JSON.stringify(await over.answer(2))).toContain("sampled words");
    await over.end();
  });

  it("opens the session again where the door has ended it", async () => {
    const over = bridge();
    over.say(hello);
    await over.answer(1);
    over.say({ method: "notifications/initialized" });
    const { session } = { session: opened.at(-1) ?? "" };
    await fetch(`${gate.origin}/mcp/alpha`, {
      method: "DELETE",
      headers: { authorization: "Bearer key-a", "mcp-session-id": session },
    });
    over.say({ id: 2, method: "tools/call", params: { name: "test_simple_text", arguments: {} } });
    expect(JSON.stringify(await over.answer(2))).toContain("plain words");
    expect(opened.at(-1)).not.toBe(session);
    await over.end();
  });

  it("opens one new session for all that found theirs ended, and says what was not sent where it cannot", async () => {
    const seen: { readonly session: string | undefined; readonly name: string }[] = [];
    let sessions = 0;
    let isClosed = false;
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { id, method } = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
      const session = request.headers["mcp-session-id"] as string | undefined;
      if (request.method === "GET") return void response.writeHead(405).end();
      if (method === "initialize" && isClosed) return void response.writeHead(503).end();
      if (method === "initialize") sessions += 1;
      else if (session !== `s${sessions}` || isClosed) return void response.writeHead(404).end();
      if (method === "tools/call") seen.push({ session, name: String(id) });
      const headers = { "content-type": "application/json", "mcp-session-id": `s${sessions}` };
      const body = id === undefined ? "" : JSON.stringify({ jsonrpc: "2.0", id, result: { from: sessions } });
      response.writeHead(id === undefined ? 202 : 200, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const over = bridge(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    over.say(hello);
    await over.answer(1);
    // As where another replica answers, which does not know the session.
    sessions += 1;
    for (const id of [5, 6, 7]) over.say(ask(id));
    for (const id of [5, 6, 7]) expect(await over.answer(id)).toMatchObject({ result: { from: 3 } });
    expect(sessions).toBe(3);
    expect(seen.map(({ name }) => name).sort()).toEqual(["5", "6", "7"]);
    isClosed = true;
    over.say(ask(8));
    const refused = await over.answer(8);
    expect(refused.error).toMatchObject({ code: -32000, message: expect.stringContaining("the call was not sent") });
    expect(seen).toHaveLength(3);
    // Once one can be opened, the next call is sent there.
    isClosed = false;
    sessions += 1;
    over.say(ask(9));
    expect(await over.answer(9)).toMatchObject({ result: { from: 5 } });
    expect(seen).toHaveLength(4);
    await over.end();
    server.closeAllConnections();
    server.close();
  });

  it("offers a client's answer again where a replica took it that did not ask, and never after it was taken", async () => {
    const asked = { jsonrpc: "2.0", id: "gate-1", method: "roots/list" };
    let offered = 0;
    let call: ServerResponse | undefined;
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const message = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
      if (request.method === "GET") return void response.writeHead(405).end();
      if (message.method === "tools/call") {
        call = response.writeHead(200, { "content-type": "text/event-stream" });
        return void call.write(`id: a.1-1\ndata: ${JSON.stringify(asked)}\n\n`);
      }
      if (message.id === "gate-1") {
        offered += 1;
        if (offered < 3) return void response.writeHead(400).end();
        response.writeHead(202).end();
        return void call?.end(`id: a.1-2\n${answer(5, "with the roots")}`);
      }
      const headers = { "content-type": "application/json", "mcp-session-id": "s" };
      const body = message.id === undefined ? "" : JSON.stringify({ jsonrpc: "2.0", id: message.id, result: {} });
      response.writeHead(message.id === undefined ? 202 : 200, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const over = bridge(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    over.say(hello);
    await over.answer(1);
    over.say(ask(5));
    await expect.poll(() => over.heard.some(({ id }) => id === "gate-1")).toBe(true);
    over.say({ id: "gate-1", result: { roots: [] } });
    expect(JSON.stringify(await over.answer(5))).toContain("with the roots");
    expect(offered).toBe(3);
    await over.end();
    server.closeAllConnections();
    server.close();
  });

  it("adds the headers of the stateless revision, mirrored arguments among them", async () => {
    const over = bridge();
    over.say({
      id: 1,
      method: "tools/call",
      params: { name: "test_x_mcp_header", arguments: { region: "nørth" }, _meta },
    });
    expect(JSON.stringify(await over.answer(1))).toContain("nørth");
    over.say({ id: 2, method: "server/discover", params: { _meta } });
    expect(await over.answer(2)).toMatchObject({ result: { supportedVersions: ["2026-07-28"] } });
    await over.end();
  });

  it("answers where the door refuses the key or is not there, and never invents a success", async () => {
    const refused = bridge(gate.origin, "wrong");
    refused.say(hello);
    expect((await refused.answer(1)).error).toBeDefined();
    await refused.end();
    const nowhere = bridge("http://127.0.0.1:1");
    nowhere.say({ id: 5, method: "tools/list", params: { _meta } });
    expect((await nowhere.answer(5)).error?.code).toBe(-32000);
    await nowhere.end();
  });
});

const answer = (id: number, words: string) =>
  `data: ${JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: words }] } })}\n\n`;

/** A door that answers each call on a stream as the test says, and what is asked for after an event as it says. */
async function doorOf(
  onCall: (response: ServerResponse, id: number) => void,
  onResume: (response: ServerResponse, after: string) => void,
) {
  const seen: { readonly method: string | undefined; readonly after: string | undefined }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const after = request.headers["last-event-id"] as string | undefined;
    if (request.method === "GET" && after === undefined) return void response.writeHead(405).end();
    seen.push({ method: request.method, after });
    if (after !== undefined) return onResume(response, after);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
    if (message.method !== "tools/call") {
      const headers = { "content-type": "application/json", "mcp-session-id": "s" };
      const result = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "d", version: "1" } };
      const body = message.id === undefined ? "" : JSON.stringify({ jsonrpc: "2.0", id: message.id, result });
      return void response.writeHead(message.id === undefined ? 202 : 200, headers).end(body);
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    onCall(response, message.id);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const over = bridge(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  over.say(hello);
  await over.answer(1);
  return {
    over,
    calls: () => seen.filter(({ method, after }) => method === "POST" && after === undefined).length - 1,
    resumed: () => seen.flatMap(({ after }) => (after === undefined ? [] : [after])),
    async end() {
      await over.end();
      server.closeAllConnections();
      server.close();
    },
  };
}

const ask = (id: number) => ({ id, method: "tools/call", params: { name: "t", arguments: {} } });

describe("a stream that ends before its answer", () => {
  const primed = "id: 1-0\nretry: 100\ndata: \n\n";
  const resuming = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

  it("is read on from where it stopped, also where it broke off, and the call is not sent again", async () => {
    const door = await doorOf(
      (response) =>
        response.end(`${primed}id: 1-1\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n`),
      (response, after) => {
        resuming(response);
        if (after !== "1-1") return void response.end(`id: 1-3\n${answer(5, "the rest")}`);
        response.write("id: 1-2\ndata: \n\n");
        setTimeout(() => response.destroy(), 50);
      },
    );
    door.over.say(ask(5));
    expect(JSON.stringify(await door.over.answer(5))).toContain("the rest");
    expect([door.resumed(), door.calls()]).toEqual([["1-1", "1-2"], 1]);
    await door.end();
  });

  it("is answered with an error where the door does not know the place, or never gave one", async () => {
    const door = await doorOf(
      (response, id) => response.end(id === 5 ? primed : ": nothing\n\n"),
      (response) => response.writeHead(404).end(),
    );
    door.over.say(ask(5));
    expect((await door.over.answer(5)).error).toMatchObject({ code: -32000 });
    door.over.say(ask(6));
    expect((await door.over.answer(6)).error).toMatchObject({ code: -32000 });
    expect([door.resumed(), door.calls()]).toEqual([["1-0"], 2]);
    expect(door.over.heard.filter(({ id }) => id === 5 || id === 6)).toHaveLength(2);
    await door.end();
  });
});

describe("a stream whose rest is not where it is fetched", () => {
  const primed = (stream: string) => `id: ${stream}-0\nretry: 100\ndata: \n\n`;
  const open = (response: ServerResponse, text: string) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(text);
    return response;
  };

  it("is fetched a few times, left at once where another replica opens its own, and found where it is", async () => {
    let tries = 0;
    const left: Promise<unknown>[] = [];
    const door = await doorOf(
      (response) => response.end(primed("a.2")),
      (response) => {
        tries += 1;
        if (tries === 2) return void response.writeHead(409).end();
        if (tries === 4) return void open(response, `id: a.2-1\n${answer(5, "the rest")}`).end();
        left.push(new Promise((resolve) => response.once("close", resolve)));
        open(response, `${primed("b.1")}id: b.1-1\n${answer(5, "another's words")}`);
      },
    );
    door.over.say(ask(5));
    expect(JSON.stringify(await door.over.answer(5))).toContain("the rest");
    expect(await Promise.all(left)).toHaveLength(2);
    expect(JSON.stringify(door.over.heard)).not.toContain("another's words");
    expect([door.resumed(), door.calls()]).toEqual([["a.2-0", "a.2-0", "a.2-0", "a.2-0"], 1]);
    await door.end();
  });

  it.each([
    [
      "only another replica answers",
      10,
      /another replica .* sent once and is not sent again/,
      (response: ServerResponse) => void open(response, primed("b.1")),
    ],
    [
      "it ends again and again with nothing in it",
      5,
      /not known/,
      (response: ServerResponse) => void open(response, primed("a.2")).end(),
    ],
  ])("is answered with an error where %s", async (_, times, words, onResume) => {
    const door = await doorOf((response) => response.end(primed("a.2")), onResume);
    door.over.say(ask(5));
    expect((await door.over.answer(5)).error).toMatchObject({ code: -32000, message: expect.stringMatching(words) });
    expect([door.resumed(), door.calls()]).toEqual([new Array(times).fill("a.2-0"), 1]);
    await door.end();
  });

  it("is fetched each time on a connection of its own, so that what stands before the replicas can lead elsewhere", async () => {
    const ports = new Set<number | undefined>();
    const door = await doorOf(
      (response) => response.end(primed("a.2")),
      (response) => {
        ports.add(response.req.socket.remotePort);
        if (ports.size < 4) return void response.writeHead(409).end();
        open(response, `id: a.2-1\n${answer(5, "the rest")}`).end();
      },
    );
    door.over.say(ask(5));
    expect(JSON.stringify(await door.over.answer(5))).toContain("the rest");
    expect([door.resumed().length, door.calls()]).toEqual([4, 1]);
    await door.end();
  });

  it("is found among the replicas of one plane", async () => {
    const other = await openTestGate({
      upstreams: [{ server: "alpha", transport: "http", url: fixture.url, headers: {} }],
      keys: { "key-a": robot },
      sessions,
    });
    // Lets the first stream break, and sends the first two that come back to the wrong replica.
    const asked: string[] = [];
    const front = createServer((request, response) => {
      const comesBack = request.headers["last-event-id"] !== undefined;
      const { hostname, port } = new URL(comesBack && asked.length < 2 ? other.origin : gate.origin);
      if (comesBack) asked.push(port);
      const { method, url: path, headers } = request;
      const on = send({ host: hostname, port, method, path, headers }, (from) => {
        response.writeHead(from.statusCode ?? 502, from.headers);
        response.flushHeaders();
        const breaks = method === "POST" && from.headers["content-type"] === "text/event-stream";
        if (breaks) from.once("data", (bytes) => response.write(bytes, () => response.destroy()));
        else from.pipe(response);
      });
      on.once("error", () => response.destroy());
      response.once("close", () => on.destroy());
      request.pipe(on);
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    const over = bridge(`http://127.0.0.1:${(front.address() as AddressInfo).port}`);
    over.say(hello);
    await over.answer(1);
    over.say({ id: 2, method: "tools/call", params: { name: "test_tool_with_logging", arguments: {} } });
    expect(JSON.stringify(await over.answer(2, 60_000))).toContain("logged three times");
    expect(asked).toEqual([other.origin, other.origin, gate.origin].map((origin) => new URL(origin).port));
    await over.end();
    front.closeAllConnections();
    front.close();
    await other.close();
  }, 120_000);
});

describe("a message that is longer than the door takes", () => {
  const large = "x".repeat(1_200_000);

  it("is answered with an error by its id, is not sent, and what follows it is", async () => {
    const door = await doorOf(
      (response, id) => response.end(answer(id, "short")),
      (response) => response.writeHead(404).end(),
    );
    door.over.say({ method: "tools/call", params: { name: "t", arguments: { large } }, id: 5 });
    door.over.say(ask(6));
    expect((await door.over.answer(5)).error).toMatchObject({ code: -32600 });
    expect(JSON.stringify(await door.over.answer(6))).toContain("short");
    expect(door.calls()).toBe(1);
    await door.end();
  });
});

it("names the address that it tried, and leaves open whether a call was made only of a call", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const origin = `http://127.0.0.1:${(probe.address() as AddressInfo).port}`;
  await new Promise((resolve) => probe.close(resolve));
  const alone = bridge(origin);
  alone.say(hello);
  const refused = await alone.answer(1);
  expect(refused.error?.message).toBe(`countersign could not be reached at ${origin}/mcp/alpha, or did not answer`);
  alone.say({ id: 2, method: "tools/call", params: { name: "echo", arguments: {} } });
  const called = await alone.answer(2);
  expect(called.error?.message).toContain(`${origin}/mcp/alpha, or did not answer; whether the call was made is not`);
  await alone.end();
});
