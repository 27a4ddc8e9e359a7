import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CountersignProblem, connect } from "./index.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server that says what the test wants it to say. */
async function answering(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const problem = (code: string, status: number) => ({
  type: "t",
  title: "t",
  status,
  code,
  detail: "no such thing",
  help: "look again",
  at: "/x",
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function caught(work: Promise<unknown>): Promise<CountersignProblem> {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof CountersignProblem)) throw new Error(`no problem, but ${String(thrown)}`);
  return thrown;
}

describe("the way to a server", () => {
  it("turns a problem document into an error with its code, status, detail and help", async () => {
    const { url } = await answering((_, response) => json(response, 404, problem("not_found", 404)));
    const thrown = await caught(connect({ url }).actions.get("act_x"));
    expect(thrown).toMatchObject({
      code: "not_found",
      status: 404,
      detail: "no such thing",
      help: "look again",
      at: "/x",
    });
  });

  it("tells an answer that is not a problem document by its status, and never as a success", async () => {
    const { url } = await answering((_, response) => response.writeHead(502).end("<html>"));
    expect(await caught(connect({ url }).identity.agents())).toMatchObject({ code: "unavailable" });
  });

  it("says where nobody answers", async () => {
    const thrown = await caught(connect({ url: "http://127.0.0.1:9" }).identity.me());
    expect(thrown).toMatchObject({ code: "unavailable", detail: "no server answers at http://127.0.0.1:9" });
  });

  it("sends a read again after a broken connection", async () => {
    const { url, asked } = await answering((request, response, count) =>
      count < 3 ? request.socket.destroy() : json(response, 200, { agents: [] }),
    );
    expect(await connect({ url }).identity.agents()).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  it("submits again under the same idempotency key, and gives up in the end", async () => {
    const { url, asked } = await answering((request) => request.socket.destroy());
    const body = { server: "s", tool: "t", arguments: {} };
    expect(await caught(connect({ url }).actions.submit(body))).toMatchObject({ code: "unavailable" });
    const keys = new Set(asked.map((request) => request.headers["idempotency-key"]));
    expect(asked).toHaveLength(3);
    expect(keys.size).toBe(1);
    expect([...keys][0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("never repeats what it could do twice", async () => {
    const { url, asked } = await answering((request) => request.socket.destroy());
    await caught(connect({ url }).stops.stop({ scope: "everything", reason: "r" }));
    await caught(connect({ url }).actions.reverse("act_x", "r"));
    expect(asked).toHaveLength(2);
  });

  it("does not know whether a change arrived whose answer is lost, and says so", async () => {
    const { url } = await answering((request) => request.socket.destroy());
    const uncertain = { isUncertain: true, help: "it is not known whether this arrived: look before you do it again" };
    const { stops, actions } = connect({ url });
    expect(await caught(stops.stop({ scope: "everything", reason: "r" }))).toMatchObject(uncertain);
    expect((await caught(actions.get("act_x"))).isUncertain).toBe(false);
    const slow = await answering(() => undefined);
    const late = await caught(connect({ url: slow.url, timeoutMs: 50 }).stops.lift("stp_x", "r"));
    expect(late).toMatchObject({ ...uncertain, detail: `${slow.url} did not answer in time` });
    // What never found a server has changed nothing.
    const gone = await answering(() => undefined);
    for (const close of open.splice(0)) close();
    const nobody = await caught(connect({ url: gone.url }).actions.reverse("act_x", "r"));
    expect(nobody.isUncertain).toBe(false);
    expect(nobody.help).toContain("countersign up");
  });

  it("does not know it either where the server, or what stands before it, failed over it", async () => {
    const proxy = await answering((_, response) => response.writeHead(502).end("<html>"));
    const { reverse, get } = connect({ url: proxy.url }).actions;
    expect(await caught(reverse("act_x", "r"))).toMatchObject({ isUncertain: true, code: "unavailable" });
    expect(await caught(get("act_x"))).toMatchObject({ isUncertain: false });
    const broken = await answering((_, response) => json(response, 500, { ...problem("bug", 500) }));
    const bug = await caught(connect({ url: broken.url }).actions.reverse("act_x", "r"));
    // Its own help says more.
    expect(bug).toMatchObject({ isUncertain: true, help: "look again" });
    const refused = await answering((_, response) => json(response, 409, problem("conflict", 409)));
    expect((await caught(connect({ url: refused.url }).actions.reverse("act_x", "r"))).isUncertain).toBe(false);
    const cut = await answering((_, response) => response.writeHead(200).end("{"));
    expect((await caught(connect({ url: cut.url }).actions.reverse("act_x", "r"))).isUncertain).toBe(true);
  });

  it("does not carry its key along a redirect", async () => {
    const other = await answering((_, response) => json(response, 200, {}));
    const { url } = await answering((_, response) => response.writeHead(307, { location: other.url }).end());
    await caught(connect({ url, key: "csk_secret" }).identity.me());
    expect(other.asked).toEqual([]);
  });

  it("walks a listing page by page, and asks for no page that nobody wants", async () => {
    const { url, asked } = await answering((request, response) => {
      const isSecond = request.url?.includes("cursor=b") === true;
      json(response, 200, isSecond ? { actions: [{ id: "2" }] } : { actions: [{ id: "1" }], next: "b" });
    });
    const all = await Array.fromAsync(connect({ url }).actions.list({ workflow: "w" }));
    expect(all.map((one) => one.id)).toEqual(["1", "2"]);
    for await (const one of connect({ url }).actions.list()) if (one.id === "1") break;
    expect(asked).toHaveLength(3);
  });
});

describe("the stream", () => {
  it("opens again where it broke off, and hands the last id over", async () => {
    const { url, asked } = await answering((_, response, count) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`: hello\n\nid: ${count}\nevent: held\nda`);
      setTimeout(() => response.end(`ta: {"n":${count}}\n\n`), 5);
    });
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const event of connect({ url }).stream(stop.signal)) {
      seen.push(event);
      if (seen.length === 2) stop.abort();
    }
    expect(seen).toEqual([
      { id: "1", kind: "held", data: { n: 1 } },
      { id: "2", kind: "held", data: { n: 2 } },
    ]);
    expect(asked[1]?.headers["last-event-id"]).toBe("1");
  });

  it("says nothing of beats, which say nothing", async () => {
    const { url } = await answering((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end('event: beat\ndata: {}\n\nid: 1\nevent: held\ndata: {"n":1}\n\nevent: beat\ndata: {}\n\n');
    });
    const stop = new AbortController();
    for await (const event of connect({ url }).stream(stop.signal)) {
      expect(event).toEqual({ id: "1", kind: "held", data: { n: 1 } });
      stop.abort();
    }
    expect(stop.signal.aborted).toBe(true);
  });

  it("does not ask again for what would be refused again", async () => {
    const { url, asked } = await answering((_, response) => json(response, 401, problem("not_authenticated", 401)));
    const thrown = await caught(connect({ url }).stream(new AbortController().signal).next());
    expect(thrown.code).toBe("not_authenticated");
    expect(asked).toHaveLength(1);
  });
});
