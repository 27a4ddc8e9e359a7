import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessions, type SessionRow } from "../../packages/countersign/src/execution/mcp/index.ts";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { openTestGate } from "./gate.ts";
import { rpc } from "./raw.ts";

let database: TestDatabase;
let fixture: Fixture;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await startFixture();
});
afterAll(async () => {
  await fixture.close();
  await database.close();
});

const row = (more: Partial<SessionRow> = {}): SessionRow => ({
  id: newId("ses"),
  endpoint: "alpha",
  agent: "robot",
  workflow: "tests",
  credential: "key_robot",
  version: "2025-06-18",
  capabilities: { sampling: {} },
  client: { name: "a name with \u0000 in it", version: "1" },
  expiresAtMs: 2_000_000_000_000,
  ...more,
});

describe("sessions of the older era in PostgreSQL", () => {
  it("come back as they were opened, end, and expire", async () => {
    const sessions = createSessions(database.db);
    const opened = row();
    await sessions.open(opened);
    expect(await sessions.find(opened.id, 1_999_999_999_999)).toEqual(opened);
    expect(await sessions.find(opened.id, 2_000_000_000_000)).toBeUndefined();
    await sessions.touch(opened.id, 2_000_000_001_000);
    expect((await sessions.find(opened.id, 2_000_000_000_000))?.expiresAtMs).toBe(2_000_000_001_000);
    await sessions.touch(opened.id, 1);
    expect(await sessions.find(opened.id, 2_000_000_000_000)).toBeDefined();
    await sessions.end(opened.id);
    expect(await sessions.find(opened.id, 0)).toBeUndefined();
  });

  it("refuse what is too large", async () => {
    const sessions = createSessions(database.db);
    await expect(sessions.open(row({ client: { name: "x".repeat(70_000) } }))).rejects.toThrow();
  });

  it("are not opened for a client that says too much of itself, and the status says so", async () => {
    const gate = await openTestGate({ upstreams: [], sessions: createSessions(database.db) });
    const open = (clientInfo: object) => {
      const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
      return rpc(gate.origin, "/mcp", { jsonrpc: "2.0", id: 1, method: "initialize", params });
    };
    const refused = await open({ name: "x".repeat(70_000), version: "1" });
    expect(refused.status).toBe(400);
    expect(refused.headers["mcp-session-id"]).toBeUndefined();
    const message = "what the client says of itself is too long";
    expect(refused.body).toMatchObject({ id: 1, error: { code: -32602, message } });
    expect((await open({ name: "a", version: "1" })).status).toBe(200);
    await gate.close();
  });

  it("are known to another replica, which opens the upstream's session anew", async () => {
    const sessions = createSessions(database.db);
    const options = {
      upstreams: [{ server: "alpha", transport: "http" as const, url: fixture.url, headers: {} }],
      sessions,
    };
    const [one, two] = [await openTestGate(options), await openTestGate(options)];
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a", version: "1" } };
    const started = await rpc(one.origin, "/mcp/alpha", { jsonrpc: "2.0", id: 1, method: "initialize", params });
    const headers = { "mcp-session-id": String(started.headers["mcp-session-id"]) };
    const call = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "test_simple_text", arguments: {} } };
    const answer = await rpc(two.origin, "/mcp/alpha", call, { headers });
    expect(answer.body.result).toEqual({ content: [{ type: "text", text: "plain words" }] });
    expect((await rpc(two.origin, "/mcp/alpha", "", { method: "DELETE", headers })).status).toBe(200);
    expect((await rpc(two.origin, "/mcp/alpha", call, { headers })).status).toBe(404);
    await one.close();
    expect((await rpc(two.origin, "/mcp/alpha", { ...call, id: 3 }, { headers })).status).toBe(404);
    await two.close();
  });
});
