import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectedPlane, openConnectedPlane } from "../support/connected-plane.ts";
import { ana, bo, cy, until } from "../support/plane.ts";

const said = (text: string) => ({ state: "done", result: { content: [{ type: "text", text }] } });

describe.each(["legacy", "modern"] as const)("connections of people, with a server of the %s revisions", (era) => {
  let world: ConnectedPlane;
  let forAna: string;
  let forBo: string;
  let forNobody: string;
  beforeAll(async () => {
    world = await openConnectedPlane({ for: "person", era });
    forAna = await world.keyFor(ana);
    forBo = await world.keyFor(bo);
    forNobody = await world.plane.agent("scribe");
  });
  afterAll(async () => world?.close());

  const everything = async (): Promise<string> => {
    const { rows } = await world.plane.database.owner.query<{ all: string }>(
      `select coalesce(string_agg(t::text, ' '), '') as all from (
         select c::text as t from connection c union all select e::text from entry e union all select a::text from alert a
         union all select s::text from sealed_secret s union all select c::text from consent c) everything`,
    );
    return rows[0]?.all ?? "";
  };
  const connectionOf = async (person: string) => {
    const { json } = await world.plane.call("GET", "/v1/connections", { key: await world.plane.person(cy) });
    return json.connections.find((one: { person: string }) => one.person === person);
  };

  it("a person connects their own account, and the agent that acts for them uses it", async () => {
    const page = await world.connect(ana, "ana-at-tickets");
    expect(page.status, page.text).toBe(200);
    expect(page.url).toMatch(/\/connect\/cns_[0-9a-z]{26}$/);
    expect(page.text).toContain("connected");
    await world.review();
    expect((await world.call(forAna, "whoami")).json).toMatchObject(said("ana-at-tickets"));
    expect(await connectionOf(ana)).toMatchObject({
      server: "tickets",
      workflow: null,
      connectedBy: ana,
      renewable: true,
      needsConnecting: null,
      scope: "tickets:read",
    });
  });

  it("whose agent has no connection sends nothing, and is told who has to connect", async () => {
    const before = world.upstream.seen.length;
    const bos = await world.call(forBo, "whoami");
    expect(bos.json.state).toBe("failed");
    expect(bos.json.sentence).toContain(`\`${bo}\` has not connected \`tickets\` yet`);
    expect(bos.json.sentence).toContain("countersign tools connect tickets");
    const nobodys = await world.call(forNobody, "whoami");
    expect(nobodys.json.state).toBe("failed");
    expect(nobodys.json.sentence).toContain("acts for nobody");
    const { json } = await world.plane.call("GET", `${bos.json.receipt}`, { key: await world.plane.person(ana) });
    expect(json.what).toMatchObject({ onBehalfOf: bo });
    expect(world.upstream.seen.length).toBe(before);
  });

  it("two people's calls at once, on two replicas, each go with their own account and in their own session", async () => {
    await world.connect(bo, "bo-at-tickets");
    const other = await world.plane.replica();
    await until(async () =>
      (await world.call(forBo, "whoami", {}, other.url)).json.state === "done" ? true : undefined,
    );
    const calls = Array.from({ length: 24 }, (_, n) => ({
      key: n % 2 === 0 ? forAna : forBo,
      account: n % 2 === 0 ? "ana-at-tickets" : "bo-at-tickets",
      url: n % 3 === 0 ? other.url : world.plane.url,
    }));
    const answers = await Promise.all(calls.map(({ key, url }) => world.call(key, "whoami", {}, url)));
    for (const [at, { json }] of answers.entries()) expect(json).toMatchObject(said(calls[at]?.account ?? ""));
    expect(world.upstream.mixed).toEqual([]);
    if (era === "modern") return;
    const owners = new Map<string, Set<string>>();
    for (const { account, session } of world.upstream.seen)
      owners.set(session, (owners.get(session) ?? new Set()).add(account));
    owners.delete("");
    expect(owners.size).toBeGreaterThanOrEqual(4);
    for (const accounts of owners.values()) expect(accounts.size).toBe(1);
  });

  it("through the MCP door a session of one person's agent is none for another's, and each call has its own account", async () => {
    const open = async (key: string) => {
      const client = new Client({ name: "a test", version: "1.0.0" });
      const transport = new StreamableHTTPClientTransport(new URL(`${world.plane.url}/mcp/tickets`), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      });
      await client.connect(transport);
      return { client, transport };
    };
    const [anas, bos] = await Promise.all([open(forAna), open(forBo)]);
    const [one, two] = await Promise.all(
      [anas, bos].map(({ client }) => client.callTool({ name: "whoami", arguments: {} })),
    );
    expect(one?.content).toMatchObject([{ text: "ana-at-tickets" }]);
    expect(two?.content).toMatchObject([{ text: "bo-at-tickets" }]);
    const stolen = anas.transport.sessionId;
    if (stolen !== undefined) {
      const body = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "whoami", arguments: {} } };
      const headers = { accept: "application/json, text/event-stream", "mcp-session-id": stolen };
      const reply = await world.plane.call("POST", "/mcp/tickets", { key: forBo, body, headers });
      expect(reply.status).toBe(404);
    }
    await Promise.all([anas.client.close(), bos.client.close()]);
    expect(world.upstream.mixed).toEqual([]);
  });

  it("a held call of one person's agent is not found by another's, and runs with the account of whom it was asked for", async () => {
    await world.plane.grantTier("scribe", "docs-upkeep", 2);
    const body = { server: "tickets", tool: "close_ticket", arguments: { ticket: "T-1" } };
    const headers = { "idempotency-key": "the-same-for-both" };
    const held = await world.plane.call("POST", "/v1/actions", { key: forAna, body, headers });
    expect(held.json.state, held.text).toBe("held");
    const other = await world.plane.call("POST", "/v1/actions", { key: forBo, body, headers });
    expect(other.json.id).not.toBe(held.json.id);
    for (const path of [`/v1/actions/${held.json.id}`, held.json.receipt, `${held.json.receipt}/bundle`])
      expect((await world.plane.call("GET", path, { key: forBo })).status, path).toBe(404);
    const key = await world.plane.person(bo);
    const shown = await world.plane.call("GET", `/v1/approvals/${held.json.id}`, { key });
    const { callDigest, shownDigest } = shown.json;
    expect(callDigest).not.toBe(other.json.callDigest);
    const answer = { verdict: "approve", callDigest, shownDigest, reason: "" };
    const answered = await world.plane.call("POST", `/v1/approvals/${held.json.id}/answer`, { key, body: answer });
    expect(answered.status, answered.text).toBe(200);
    const done = await until(async () => {
      const { json } = await world.plane.call("GET", `/v1/actions/${held.json.id}`, { key: forAna });
      return json.state === "done" ? json : undefined;
    });
    expect(done).toMatchObject(said("ana-at-tickets closed T-1"));
  });

  it("the upstream's token never comes back, and the agent's key never goes there", async () => {
    const { json } = await world.call(forAna, "echo_token");
    expect(json.state).toBe("done");
    const text = JSON.stringify(json);
    expect(text).toContain("you sent");
    const tokens = [...world.upstream.presented].map((header) => header.replace(/^Bearer /, "")).filter(Boolean);
    expect(tokens.length).toBeGreaterThanOrEqual(2);
    const stored = await everything();
    const receipt = await world.plane.call("GET", json.receipt, { key: await world.plane.person(ana) });
    for (const token of tokens) for (const place of [text, stored, receipt.text]) expect(place).not.toContain(token);
    for (const header of world.upstream.presented) expect(header).not.toMatch(/csk_|csp_/);
  });

  it("another account in the place of the first gets a session of its own", async () => {
    const before = world.upstream.seen.length;
    await world.connect(ana, "ana-second-account");
    await until(async () => {
      const { json } = await world.call(forAna, "whoami");
      return json.result?.content?.[0]?.text === "ana-second-account" ? true : undefined;
    });
    expect(world.upstream.mixed).toEqual([]);
    const after = world.upstream.seen.slice(before).filter(({ method }) => method === "tools/call");
    expect(after.at(-1)?.account).toBe("ana-second-account");
  });

  it("a connection that was ended is of no use at once, also on another replica, and its server knows", async () => {
    const other = await world.plane.replica();
    await until(async () =>
      (await world.call(forAna, "whoami", {}, other.url)).json.state === "done" ? true : undefined,
    );
    const tokens = [...world.upstream.presented].map((header) => header.replace(/^Bearer /, ""));
    await until(async () => ((world.upstream.streams.get("ana-second-account") ?? 0) > 0 ? true : undefined));
    const { id } = await connectionOf(ana);
    const key = await world.plane.person(ana);
    const ended = await world.plane.call("POST", `/v1/connections/${id}/disconnect`, { key, body: {} });
    expect(ended.json).toMatchObject({ revoked: "revoked" });
    for (const url of [world.plane.url, other.url]) {
      const { json } = await world.call(forAna, "whoami", {}, url);
      expect(json.state).toBe("failed");
      expect(json.sentence).toContain(`\`${ana}\` has not connected`);
    }
    expect((await world.call(forBo, "whoami")).json).toMatchObject(said("bo-at-tickets"));
    const live = await Promise.all(tokens.map((token) => world.idp.look(token)));
    expect(live.filter((one) => one?.account === "ana-second-account")).toEqual([]);
    const sealed = await world.plane.database.owner.query<{ n: number }>(
      "select count(*)::int as n from sealed_secret where path = $1 and ciphertext is not null",
      [`connection/${id}`],
    );
    expect(sealed.rows[0]?.n).toBe(0);
    // What was open under it is closed, without waiting for the next call.
    await until(async () => ((world.upstream.streams.get("ana-second-account") ?? 0) === 0 ? true : undefined));
    const again = await world.plane.call("POST", `/v1/connections/${id}/disconnect`, { key, body: {} });
    expect(again.status).toBe(404);
  });

  it("each deed is in the ledger with who did it, and without a token", async () => {
    const { rows } = await world.plane.database.db.query<{ subject: string }>(
      "select subject from entry where kind = 'secret' order by at",
    );
    const key = await world.plane.person(ana);
    const deeds = await Promise.all(
      rows.map(async ({ subject }) => (await world.plane.call("GET", `/v1/receipts/${subject}`, { key })).json),
    );
    const told = deeds.map(({ person, payload }) => `${person} ${payload.deed} ${payload.server ?? ""}`);
    for (const deed of ["began to connect", "connected"]) {
      expect(told).toContain(`${ana} ${deed} tickets`);
      expect(told).toContain(`${bo} ${deed} tickets`);
    }
    expect(told).toContain(`${ana} disconnected tickets`);
    expect(JSON.stringify(deeds)).not.toMatch(/verifier|access_token|refresh_token/);
  });

  it("a key that acts for somebody else is made by who could log in as them only, and ends with them", async () => {
    const body = { environment: "staging", onBehalfOf: bo };
    const path = "/v1/agents/scribe/keys";
    expect((await world.plane.call("POST", path, { key: await world.plane.person(cy), body })).status).toBe(403);
    const unknown = { environment: "staging", onBehalfOf: "gone@acme.example" };
    expect((await world.plane.call("POST", path, { key: await world.plane.person(ana), body: unknown })).status).toBe(
      404,
    );
    expect((await world.plane.call("GET", "/v1/me", { key: forBo })).json.onBehalfOf).toBe(bo);
    expect((await world.plane.call("GET", "/v1/me", { key: forNobody })).json.onBehalfOf).toBeNull();
  });
});

it("the server of these tests sees it where one account comes in another's session", async () => {
  const world = await openConnectedPlane({ for: "person" });
  try {
    await world.connect(ana, "one");
    await world.connect(bo, "two");
    await world.review();
    for (const person of [ana, bo]) await world.call(await world.keyFor(person), "whoami");
    const session =
      world.upstream.seen.find(({ account, session: id }) => account === "one" && id !== "")?.session ?? "";
    const headers = [...world.upstream.presented];
    for (const authorization of headers.filter((one) => one !== "")) {
      await fetch(world.upstream.url, {
        method: "POST",
        headers: {
          authorization,
          "mcp-session-id": session,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      });
    }
    expect(world.upstream.mixed).toEqual(["two in the session of one"]);
  } finally {
    await world.close();
  }
});
