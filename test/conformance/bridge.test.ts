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
    answer: async (id: number) => {
      await expect.poll(() => heard.some((message) => message.id === id), { timeout: 5_000 }).toBe(true);
      return heard.find((message) => message.id === id) as { result?: unknown; error?: { code: number } };
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
