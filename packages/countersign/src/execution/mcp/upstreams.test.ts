import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../floor/clock.ts";
import { silent } from "../../floor/log.ts";
import { Secret } from "../../floor/secret.ts";
import { Unconnected } from "./unconnected.ts";
import { createUpstreams } from "./upstreams.ts";

/** A server of the older era that gives each session to whoever opened it, and notes who comes in whose. */
const owners = new Map<string, string>();
const came: { readonly account: string; readonly owner: string }[] = [];
let statusOfNext: number | undefined;
let url = "";
const http = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  const account = (request.headers.authorization ?? "").slice(7);
  const session = String(request.headers["mcp-session-id"] ?? "");
  if (statusOfNext !== undefined) {
    response.writeHead(statusOfNext).end();
    statusOfNext = undefined;
    return;
  }
  if (request.method !== "POST") return void response.writeHead(405).end();
  const { id, method } = JSON.parse(text) as { id?: number; method: string };
  if (method === "server/discover") return void response.writeHead(404).end();
  if (method === "initialize") owners.set(`s${owners.size + 1}`, account);
  else came.push({ account, owner: owners.get(session) ?? "nobody" });
  if (id === undefined) return void response.writeHead(202).end();
  const result =
    method === "initialize"
      ? { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "x", version: "1" } }
      : { content: [{ type: "text", text: account }] };
  response.writeHead(200, { "content-type": "application/json", "mcp-session-id": `s${owners.size}` });
  response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
});
afterAll(async () => {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

/** Which connection each person has now: its id is the account. */
const connections = new Map<string, string>();
beforeEach(() => {
  connections.clear();
  came.length = 0;
});

function open() {
  return createUpstreams(
    (server, _workflow, person) => {
      const owned = new WeakMap<object, string>();
      const headers = async () => {
        const account = connections.get(person ?? "");
        if (account === undefined) throw new Unconnected(`${person} has not connected`);
        const made = { authorization: new Secret(`Bearer ${account}`) };
        owned.set(made, account);
        return made;
      };
      const credentials = { headers, refused: () => undefined, whose: (made: object) => owned.get(made) };
      return { server, transport: "http", url, headers: {}, credentials };
    },
    { log: silent, clock: systemClock },
  );
}
const callFor = (upstreams: ReturnType<typeof open>, onBehalfOf: string) =>
  upstreams.call({
    actionId: "a",
    server: "x",
    method: "tools/call",
    params: { name: "t" },
    deadlineMs: 20_000,
    signal: new AbortController().signal,
    workflow: "w",
    onBehalfOf,
  });
const textOf = (account: string) => ({ kind: "answered", result: { content: [{ text: account }] } });

it("a person's way is theirs alone, and nothing is sent for whom has no connection", async () => {
  const upstreams = open();
  connections.set("ana", "account-a").set("bo", "account-b");
  const answers = await Promise.all(["ana", "bo", "ana", "bo"].map((person) => callFor(upstreams, person)));
  expect(answers).toMatchObject(["account-a", "account-b", "account-a", "account-b"].map(textOf));
  for (const { account, owner } of came) expect(owner).toBe(account);
  const before = came.length;
  expect(await callFor(upstreams, "cy")).toEqual({ kind: "never_sent", reason: "cy has not connected" });
  expect(came.length).toBe(before);
  expect(upstreams.of("x", "w", "ana")).toBe(upstreams.of("x", "w", "ana"));
  expect(upstreams.of("x", "w", "ana")).not.toBe(upstreams.of("x", "w", "bo"));
  await upstreams.close();
});

it("a session that was opened under one connection is never used under the next, and the call goes once", async () => {
  const upstreams = open();
  connections.set("ana", "first");
  expect(await callFor(upstreams, "ana")).toMatchObject(textOf("first"));
  connections.set("ana", "second");
  came.length = 0;
  expect(await callFor(upstreams, "ana")).toMatchObject(textOf("second"));
  expect(came.filter(({ account }) => account === "second").every(({ owner }) => owner === "second")).toBe(true);
  expect(came.filter(({ owner }) => owner === "first")).toEqual([]);
  connections.delete("ana");
  expect(await callFor(upstreams, "ana")).toEqual({ kind: "never_sent", reason: "ana has not connected" });
  connections.set("ana", "third");
  expect(await callFor(upstreams, "ana")).toMatchObject(textOf("third"));
  await upstreams.close();
});

it("of very many people's ways the idle ones are closed, and opened again when they are needed", async () => {
  const upstreams = open();
  const first = upstreams.of("x", "w", "person-0");
  for (let n = 1; n <= 256; n++) upstreams.of("x", "w", `person-${n}`);
  expect(upstreams.of("x", "w", "person-0")).not.toBe(first);
  connections.set("person-0", "account-0");
  expect(await callFor(upstreams, "person-0")).toMatchObject(textOf("account-0"));
  await upstreams.close();
});

it("a server that refuses the credential at the first question has said nothing of its revision", async () => {
  const upstreams = open();
  connections.set("ana", "account-a");
  statusOfNext = 401;
  expect(await callFor(upstreams, "ana")).toMatchObject({ kind: "never_sent" });
  expect(came).toEqual([]);
  expect(await callFor(upstreams, "ana")).toMatchObject(textOf("account-a"));
  await upstreams.close();
});
