import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modern, rpc } from "../conformance/raw.ts";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let key: string;
const lines: object[] = [];
const keep = (fields: object) => {
  lines.push(fields);
  if ("err" in fields || "cause" in fields) console.log(fields);
};
const log = { debug: () => undefined, info: keep, warn: keep, error: keep };
beforeAll(async () => {
  plane = await openTestPlane({ log });
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string): string => join(plane.folder, "sandbox", name);
const headers = (as = key) => ({ authorization: `Bearer ${as}` });
const atOnce = { "countersign.dev/wait-ms": 0 };
const write = (name: string, content: string) => ({
  name: "files__write_file",
  arguments: { path: page(name), content },
  _meta: atOnce,
});
const raw = (method: string, params: Record<string, unknown>, capabilities: object = {}) =>
  modern(plane.url, "/mcp", method, params, { headers: headers(), capabilities });

async function old(as = key): Promise<Client> {
  const client = new Client({ name: "old client", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(`${plane.url}/mcp`), {
    requestInit: { headers: headers(as) },
  });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as never);
  return client;
}

async function fresh(as = key): Promise<ModernClient> {
  const client = new ModernClient({ name: "new client", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new ModernTransport(new URL(`${plane.url}/mcp`), { requestInit: { headers: headers(as) } }));
  return client;
}

async function answer(id: string, verdict: "approve" | "deny", reason = "seen"): Promise<void> {
  const person = await plane.person(bo);
  const { json: shown } = await plane.call("GET", `/v1/approvals/${id}`, { key: person });
  const { callDigest, shownDigest } = shown;
  const body = { verdict, callDigest, shownDigest, reason };
  const { status } = await plane.call("POST", `/v1/approvals/${id}/answer`, { key: person, body });
  expect(status).toBe(200);
}

/** What the plane says of an action; for a tool with a schema of its own for results it stands beside them. */
const noticeOf = (result: { _meta?: object | undefined; isError?: unknown }) =>
  (result._meta as Record<string, Record<string, unknown> & { action: string }>)["countersign.dev/action"];

/** How many the ledger tells of; what it tells of one may still come after that one's answer. */
const subjects = async (): Promise<number> =>
  (await plane.database.db.query<{ n: number }>("select count(distinct subject)::int as n from entry")).rows[0]?.n ??
  -1;

const both = [
  ["the older revisions (official SDK v1)", old],
  ["the stateless revision (official SDK v2)", fresh],
] as const;

describe.each(both)("a client of %s", (era, connect) => {
  it("is told of the gate, who it is here, how to ask again, and that paths are absolute", async () => {
    const client = await connect();
    const said = client.getInstructions() ?? "";
    expect(said).toContain(
      "You act as `scribe` in the workflow `docs-upkeep`, with a key for the environment `sandbox`",
    );
    expect(said).toContain("ask again with the tool countersign_action and that id");
    expect(said).toContain("Give absolute paths to `files`");
    expect(said.length).toBeLessThan(900);
    await client.close();
  });

  it("learns from a refusal what to change: the argument that is missing, and the path that must be absolute", async () => {
    const client = await connect();
    const textOf = async (call: { name: string; arguments: Record<string, string> }): Promise<string> => {
      const { content } = await client.callTool({ ...call, _meta: atOnce });
      return (content as readonly { text: string }[])[0]?.text ?? "";
    };
    expect(await textOf({ name: "files__write_file", arguments: { path: page("missing.md") } })).toBe(
      "refused: check `schema` failed: `content` is missing (schema-required at `/content`)",
    );
    expect(await textOf({ name: "files__read_text_file", arguments: { path: "pages/welcome.md" } })).toBe(
      "refused: this credential is for environment `sandbox`, and `files.read_text_file` counts as `production`, because its argument `path` is no absolute path, and what a relative one means is not known here",
    );
    const { arguments: args, name } = write(`stop-${era.length}.md`, "x");
    expect(await textOf({ name, arguments: args })).toMatch(
      /[^.]\. Ask again with the tool countersign_action and id act_\w+\.$/,
    );
    await client.close();
  });

  it("sees the tools that its workflow allows or asks about, and no others", async () => {
    const client = await connect();
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    await client.close();
    for (const name of ["files__read_text_file", "files__write_file", "git__git_status", "memory__read_graph"])
      expect(names).toContain(name);
    for (const name of ["files__move_file", "files__create_directory", "git__git_push", "memory__delete_entities"])
      expect(names).not.toContain(name);
    expect(names.at(-1)).toBe("countersign_action");
  });

  it("reads at once", async () => {
    const client = await connect();
    const call = { name: "files__read_text_file", arguments: { path: page("pages/welcome.md") } };
    const result = await client.callTool(call);
    await client.close();
    expect(JSON.stringify(result.content)).toContain(
      JSON.stringify(readFileSync(call.arguments.path, "utf8")).slice(1, 20),
    );
  });

  it("is told that a write is held and by whom, and gets its result once a person has approved", async () => {
    const client = await connect();
    const name = `held-${era.length}.md`;
    const held = await client.callTool(write(name, "words"));
    expect(noticeOf(held)).toMatchObject({ state: "held", approvers: [{ from: "editors" }] });
    expect(() => readFileSync(page(name))).toThrow();
    const action = noticeOf(held)?.action ?? "";
    await answer(action, "approve");
    const done = await client.callTool({ name: "countersign_action", arguments: { id: action } });
    expect(done.isError ?? false).toBe(false);
    expect(JSON.stringify(done)).not.toContain('"held"');
    expect(readFileSync(page(name), "utf8")).toBe("words");
    await client.close();
  });

  it("is told of a denial with the person's reason", async () => {
    const client = await connect();
    const held = await client.callTool(write(`denied-${era.length}.md`, "words"));
    const action = noticeOf(held)?.action ?? "";
    await answer(action, "deny", "not in this week");
    const refused = await client.callTool({ name: "countersign_action", arguments: { id: action } });
    expect(refused.isError).toBe(true);
    expect(noticeOf(refused)).toMatchObject({ state: "refused", refusal: "denied" });
    expect(JSON.stringify(refused)).toContain("not in this week");
    await client.close();
  });

  it("is refused what is blocked with a receipt, and an unknown tool as an unknown name", async () => {
    const client = await connect();
    const call = { name: "files__move_file", arguments: { source: page("a.md"), destination: page("b.md") } };
    const refused = await client.callTool(call);
    expect(refused.isError).toBe(true);
    expect(noticeOf(refused)).toMatchObject({ state: "refused", refusal: "policy", receipt: expect.any(String) });
    for (const name of ["files__no_such_tool", "nowhere__read", "read_text_file"])
      await expect(client.callTool({ name, arguments: {} })).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  it("is stopped by a stop at its next call, and goes on once it is lifted", async () => {
    const client = await connect();
    const call = { name: "files__list_allowed_directories", arguments: {} };
    expect((await client.callTool(call)).isError ?? false).toBe(false);
    const body = { scope: "agent", name: "scribe", reason: "a look at it" };
    const stop = await plane.call("POST", "/v1/stops", { key: await plane.person(ana), body });
    expect(stop.status).toBe(201);
    const refused = await client.callTool(call);
    expect(noticeOf(refused)).toMatchObject({ state: "refused", refusal: "stopped" });
    expect(JSON.stringify(refused)).toContain("a look at it");
    const lift = await plane.call("POST", `/v1/stops/${stop.json.stop.id}/lift`, {
      key: await plane.person(bo),
      body: { reason: "looked at" },
    });
    expect(lift.status).toBe(200);
    expect((await client.callTool(call)).isError ?? false).toBe(false);
    await client.close();
  });

  it("is locked out at its next request where its key was revoked", async () => {
    const person = await plane.person(ana);
    const issued = await plane.call("POST", "/v1/agents/scribe/keys/rotate", {
      key: person,
      body: { environment: "sandbox" },
    });
    expect(issued.status).toBe(201);
    const client = await connect(issued.json.key);
    const call = { name: "files__list_allowed_directories", arguments: {} };
    expect((await client.callTool(call)).isError ?? false).toBe(false);
    const revoked = await plane.call("POST", `/v1/credentials/${issued.json.credential}/revoke`, {
      key: person,
      body: { because: "leaked" },
    });
    expect(revoked.status).toBe(200);
    await expect(client.callTool(call)).rejects.toThrow(/credentials are missing or not valid/);
    const bare = await rpc(
      plane.url,
      "/mcp",
      { jsonrpc: "2.0", id: 1, method: "ping" },
      { headers: headers(issued.json.key) },
    );
    expect(bare.status).toBe(401);
    expect(bare.headers["www-authenticate"]).toContain('error="invalid_token"');
    await client.close().catch(() => undefined);
  });
});

describe("a held write", () => {
  it("is a task for a client that declares tasks", async () => {
    const tasks = { extensions: { "io.modelcontextprotocol/tasks": {} } };
    const { _meta: _, ...call } = write("task.md", "a task");
    const held = await raw("tools/call", call, tasks);
    expect(held.body.result).toMatchObject({ resultType: "task", status: "working" });
    const { taskId } = held.body.result;
    expect((await raw("tasks/get", { taskId }, tasks)).body.result.status).toBe("working");
    await answer(taskId, "approve");
    await expect.poll(async () => (await raw("tasks/get", { taskId }, tasks)).body.result.status).toBe("completed");
    expect(readFileSync(page("task.md"), "utf8")).toBe("a task");
  });

  it("sends a client that opens addresses to the approval page, and no answer from there approves", async () => {
    const opens = { elicitation: { url: {} } };
    const call = write("url.md", "by address");
    const held = await raw("tools/call", call, opens);
    const { requestState, inputRequests } = held.body.result;
    expect(inputRequests.countersign_approval.params.url).toMatch(new RegExp(`^${plane.url}/approvals/act_`));
    const again = { ...call, requestState, inputResponses: { countersign_approval: { action: "accept" } } };
    expect((await raw("tools/call", again, opens)).body.result.resultType).toBe("input_required");
    expect(() => readFileSync(page("url.md"))).toThrow();
    await answer(inputRequests.countersign_approval.params.url.split("/").at(-1), "approve");
    const done = await raw("tools/call", { ...again, _meta: {} }, opens);
    expect(done.body.result).toMatchObject({ resultType: "complete" });
    expect(readFileSync(page("url.md"), "utf8")).toBe("by address");
  });
});

it("a client that starts a command works through the bridge as a process", async () => {
  const client = new Client({ name: "starts commands", version: "1.0.0" });
  const bin = join(import.meta.dirname, "../../packages/countersign/bin/countersign.js");
  const env = { PATH: process.env.PATH ?? "", HOME: plane.folder, COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key };
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [bin, "mcp", "--server", "files"], env }) as never,
  );
  const names = (await client.listTools()).tools.map((tool) => tool.name);
  expect(names).toContain("read_text_file");
  expect(names).not.toContain("move_file");
  const call = { name: "read_text_file", arguments: { path: page("pages/welcome.md") } };
  expect((await client.callTool(call)).isError ?? false).toBe(false);
  const held = await client.callTool({ ...write("bridged.md", "x"), name: "write_file" });
  expect(noticeOf(held)).toMatchObject({ state: "held" });
  await client.close();
});

describe("input that cannot be meant", () => {
  const version = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  const _meta = { ...version, "io.modelcontextprotocol/clientCapabilities": {} };
  const params = { name: "files__list_allowed_directories", arguments: {}, _meta };
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
  const whole = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": params.name };
  const text = JSON.stringify(body);
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;

  it.each<[string, string | Buffer, Record<string, string>, number]>([
    ["a member that is twice there", text.replace('"id":1', '"id":1,"id":2'), {}, 400],
    ["arguments that are twice there", text.replace('"arguments":{}', '"arguments":{},"arguments":{"a":1}'), {}, 400],
    ["nesting without end", text.replace('"arguments":{}', `"arguments":{"a":${deep}}`), {}, 400],
    [
      "more than a body may hold",
      text.replace('"arguments":{}', `"arguments":{"a":"${"x".repeat(1_200_000)}"}`),
      {},
      413,
    ],
    ["__proto__", text.replace('"arguments":{}', '"arguments":{},"__proto__":{"admin":true}'), {}, 400],
    [
      "__proto__ in arguments",
      text.replace('"arguments":{}', '"arguments":{"a":[{"__proto__":{"admin":true}}]}'),
      {},
      400,
    ],
    ["__proto__ spelled otherwise", text.replace('"arguments":{}', '"arguments":{"\\u005f_proto__":1}'), {}, 400],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), {}, 400],
    ["not JSON", `${text}}`, {}, 400],
    ["no message", "[]", {}, 400],
    ["a header that names another tool", text, { "mcp-name": "files__read_text_file" }, 400],
    ["a header that names another method", text, { "mcp-method": "tools/list" }, 400],
    ["a header of another revision", text, { "mcp-protocol-version": "2027-01-01" }, 400],
    ["a page of another site", text, { origin: "https://evil.example" }, 403],
    ["a name of another site", text, { host: "evil.example" }, 403],
    ["another type of body", text, { "content-type": "text/plain" }, 415],
    ["a client that takes no JSON", text, { accept: "text/html" }, 406],
  ])("%s is refused clearly and leaves nothing in the ledger", async (_name, sent, spoilt, status) => {
    const before = await subjects();
    lines.length = 0;
    const answered = await rpc(plane.url, "/mcp", sent, { headers: { ...headers(), ...whole, ...spoilt } });
    expect(answered.status).toBe(status);
    expect(answered.body).toMatchObject({ jsonrpc: "2.0", error: { code: expect.any(Number) } });
    expect(answered.body.error.message.length).toBeGreaterThan(10);
    expect(answered.body.error.message).not.toMatch(/[A-Z][a-z]+Error|at \w+ \(/);
    expect(await subjects()).toBe(before);
    const told = lines.filter((line) => "status" in line);
    expect(told).toEqual([expect.objectContaining({ status, code: answered.body.error.code })]);
  });

  it("a revision that nobody speaks is answered with those that are spoken", async () => {
    const before = await subjects();
    const other = JSON.parse(text.replaceAll("2026-07-28", "2027-01-01"));
    const answered = await rpc(plane.url, "/mcp", other, {
      headers: { ...headers(), ...whole, "mcp-protocol-version": "2027-01-01" },
    });
    expect(answered.status).toBe(400);
    expect(answered.body.error).toMatchObject({ code: -32022, data: { supported: ["2026-07-28"] } });
    expect(await subjects()).toBe(before);
  });
});

it("acts in the run that its client was set up with, and a call names no other", async () => {
  const body = { agent: "scribe", task: "look around" };
  const { json: run } = await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body });
  const within = { headers: { ...headers(), "countersign-run": run.id } };
  const params = { name: "files__list_allowed_directories", arguments: {} };
  expect((await modern(plane.url, "/mcp", "tools/call", params, within)).body.result).toBeDefined();
  const key = await plane.person(ana);
  // The outcome of a read is written after its answer.
  const listed = await until(async () => {
    const { json } = await plane.call("GET", `/v1/actions?run=${run.id}`, { key });
    return json.actions[0]?.state === "done" ? json : undefined;
  });
  expect(listed.actions).toMatchObject([{ tool: "files.list_allowed_directories", state: "done", run: run.id }]);
  const other = { ...params, _meta: { "countersign.dev/run": "run_00000000000000000000000000" } };
  const { body: refused } = await modern(plane.url, "/mcp", "tools/call", other, within);
  expect(refused.error).toMatchObject({ code: -32602, message: expect.stringContaining("names another") });
  const nowhere = { headers: { ...headers(), "countersign-run": "run_00000000000000000000000000" } };
  const { body: unknown } = await modern(plane.url, "/mcp", "tools/call", params, nowhere);
  expect(unknown.error ?? unknown.result).toMatchObject({ code: -32602 });
});

it("tells a client that was set up with a run of nobody's when it connects and lists, and opens no session", async () => {
  const nowhere = { ...headers(), "countersign-run": "run_00000000000000000000000000" };
  const said = { code: -32602, message: expect.stringContaining("there is no run") };
  for (const method of ["server/discover", "tools/list"])
    expect((await modern(plane.url, "/mcp", method, {}, { headers: nowhere })).body.error, method).toMatchObject(said);
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "old client", version: "1.0.0" },
  };
  const opened = await fetch(`${plane.url}/mcp`, {
    method: "POST",
    headers: { ...nowhere, accept: "application/json, text/event-stream", "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
  });
  expect(opened.headers.get("mcp-session-id")).toBeNull();
  expect(await opened.json()).toMatchObject({ id: 1, error: said });
});

it("acts through the bridge in the run that the bridge was started for, and is not started for none", async () => {
  const body = { agent: "scribe", task: "look around again" };
  const { json: run } = await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body });
  const bin = join(import.meta.dirname, "../../packages/countersign/bin/countersign.js");
  const env = { PATH: process.env.PATH ?? "", COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key };
  const bridged = async (named: string): Promise<Client> => {
    const client = new Client({ name: "starts a command", version: "1.0.0" });
    const args = [bin, "mcp", "--run", named];
    const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "ignore" });
    await client.connect(transport as never);
    return client;
  };
  const client = await bridged(run.id);
  await client.callTool({ name: "files__list_allowed_directories", arguments: {} });
  await client.close();
  const person = await plane.person(ana);
  const listed = await until(async () => {
    const { json } = await plane.call("GET", `/v1/actions?run=${run.id}`, { key: person });
    return json.actions[0]?.state === "done" ? json : undefined;
  });
  expect(listed.actions).toMatchObject([{ tool: "files.list_allowed_directories", run: run.id }]);
  await expect(bridged("yesterday's")).rejects.toThrow();
});
