import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "./index.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server that answers each request by its turn: with an action in this state, or by breaking the connection off. */
async function answering(...turns: readonly string[]) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request);
    const state = turns[asked.length - 1] ?? turns.at(-1) ?? "";
    if (state === "cut") return void request.socket.destroy();
    const status = state === "done" ? 200 : 202;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ id: "act_x", state }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const ways = (asked: readonly IncomingMessage[]) => asked.map(({ method, url }) => `${method} ${url?.split("?")[0]}`);
const body = { server: "s", tool: "t", arguments: {} };

describe("a call that takes longer than one request", () => {
  it("is asked for again under its key where the connection broke off, and then followed to its end", async () => {
    const { url, asked } = await answering("cut", "running", "running", "done");
    const view = await connect({ url }).actions.submit(body, { idempotencyKey: "mine" });
    expect(view.state).toBe("done");
    expect(ways(asked)).toEqual([
      "POST /v1/actions",
      "POST /v1/actions",
      "GET /v1/actions/act_x",
      "GET /v1/actions/act_x",
    ]);
    expect(asked.slice(0, 2).map(({ headers }) => headers["idempotency-key"])).toEqual(["mine", "mine"]);
  });

  it("is asked for again where the first request took too long", async () => {
    const { url, asked } = await answering("running", "done");
    let tries = 0;
    const slow: typeof fetch = (input, init) =>
      ++tries === 1 ? Promise.reject(new DOMException("too long", "TimeoutError")) : fetch(input, init);
    expect((await connect({ url, fetch: slow }).actions.submit(body)).state).toBe("done");
    expect(ways(asked)).toEqual(["POST /v1/actions", "GET /v1/actions/act_x"]);
  });

  it("is followed no longer than its caller is willing to wait, and a server that answers at once gets a pause", async () => {
    const { url, asked } = await answering("running");
    const signal = AbortSignal.timeout(700);
    await expect(connect({ url }).actions.submit(body, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    expect(asked.length).toBeLessThan(6);
  });

  it("is not followed where it waits for people, who may take days; an undo is followed alike", async () => {
    const held = await answering("held");
    expect((await connect({ url: held.url }).actions.submit(body)).state).toBe("held");
    expect(held.asked).toHaveLength(1);
    const undo = await answering("running", "ready", "held");
    expect((await connect({ url: undo.url }).actions.reverse("act_y", "r")).state).toBe("held");
    expect(ways(undo.asked)).toEqual([
      "POST /v1/actions/act_y/reverse",
      "GET /v1/actions/act_x",
      "GET /v1/actions/act_x",
    ]);
  });
});
