import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let server: Server;
let isAway = true;
let kept: string | undefined;
let plane: TestPlane;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (isAway) return void response.writeHead(503).end();
    if (request.method === "GET") return void response.writeHead(kept === undefined ? 404 : 200).end(kept);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      kept = Buffer.concat(chunks).toString();
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const anchors = `\nanchors: [{ kind: http, url: "http://127.0.0.1:${port}/log", every: 1s }]\n`;
  plane = await openTestPlane({ edit: { "countersign.yaml": (text) => text + anchors } });
}, 120_000);
afterAll(async () => {
  await plane?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("an anchor that cannot be asked", () => {
  it("keeps nothing from its start but the signature, and that comes once it can", async () => {
    const key = await plane.agent("scribe");
    const body = { server: "files", tool: "list_allowed_directories", arguments: {} };
    const { json: done } = await plane.call("POST", "/v1/actions", { key, body });
    expect(done.state).toBe("done");
    const person = await plane.person(ana);
    const signed = async () => (await plane.call("GET", "/v1/ledger/state", { key: person })).json;
    expect(await signed()).toMatchObject({ sealed: null });
    expect((await signed()).behind).toBeGreaterThan(0);
    isAway = false;
    const { sealed } = await until(async () => {
      const now = await signed();
      return now.sealed === null ? undefined : now;
    });
    expect(sealed.size).toBeGreaterThan(0);
    expect(await until(async () => kept)).toContain("countersign");
  });
});
