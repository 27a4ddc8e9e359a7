import type { JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { createChecks } from "../checks/index.ts";
import { systemClock } from "../floor/clock.ts";
import { silent } from "../floor/log.ts";
import { Secret } from "../floor/secret.ts";
import { createIssued } from "../secrets/index.ts";
import { guardRelay, mostAsked, mostKeptChars } from "./guard-relay.ts";

const handedOut = "quiet-otter-walks-at-noon-7";
const token = `ghp_${"a1B2c3D4e5F6g7H8i9J0".repeat(2).slice(0, 36)}`;
const issued = createIssued();
issued.remember(new Secret(handedOut));
const parts = { checking: createChecks({ known: issued }), log: silent, ledger: { now: () => systemClock.now() } };
const call = { id: "act_test", submission: { server: "alpha", tool: "ask" } } as const;

function guarded(answer: JsonObject | ((message: JsonObject) => Promise<JsonObject>) = {}) {
  const heard: JsonObject[] = [];
  const abort = new AbortController();
  const guard = guardRelay(
    parts,
    call,
    {
      notify: (message) => void heard.push(message),
      request: async (message) => {
        heard.push(message);
        return typeof answer === "function" ? answer(message) : answer;
      },
    },
    abort.signal,
  );
  return { ...guard, heard, abort };
}

const ask = (message: string): JsonObject => ({
  jsonrpc: "2.0",
  id: 7,
  method: "elicitation/create",
  params: { message },
});

describe("what the server says", () => {
  it.each([
    ["a value that the plane handed out", handedOut],
    ["a pattern", token],
  ])("loses %s, in notifications and in questions", async (_kind, secret) => {
    const { relay, heard } = guarded();
    relay.notify({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: `x ${secret} y` } });
    await relay.request(ask(`is it ${secret}?`));
    expect(heard).toHaveLength(2);
    expect(JSON.stringify(heard)).not.toContain(secret);
    expect(JSON.stringify(heard)).toContain("[redacted");
  });

  it("keeps the client's own progress token and passes what holds no secret as it is", () => {
    const { relay, heard } = guarded();
    const params = { progressToken: token, progress: 1, message: token };
    relay.notify({ jsonrpc: "2.0", method: "notifications/progress", params });
    expect(heard[0]).toMatchObject({ params: { progressToken: token, progress: 1 } });
    expect(JSON.stringify(heard[0]).split(token)).toHaveLength(2);
    const plain = { jsonrpc: "2.0", method: "notifications/message", params: { data: "all is well" } };
    relay.notify(plain);
    expect(heard[1]).toBe(plain);
  });
});

describe("what the client answers", () => {
  it("goes where it holds no secret, and is kept", async () => {
    const { relay, given } = guarded({ result: { action: "accept", content: { name: "Ana" } } });
    expect(await relay.request(ask("who is asking?"))).toEqual({
      result: { action: "accept", content: { name: "Ana" } },
    });
    expect(given()).toEqual([
      {
        at: expect.any(String),
        asked: "elicitation/create",
        questionDigest: expect.stringMatching(/^sha256:/),
        answerDigest: expect.stringMatching(/^sha256:/),
        answer: { result: { action: "accept", content: { name: "Ana" } } },
      },
    ]);
  });

  it.each([
    ["a value that the plane handed out", handedOut],
    ["a pattern", token],
    ["a reference to a secret", "secret://deploy-key"],
  ])("stays where it holds %s, and the record says so without it", async (_kind, secret) => {
    const { relay, given } = guarded({ result: { content: { note: `here: ${secret}` } } });
    const answer = await relay.request(ask("anything else?"));
    expect(answer).toEqual({ error: { code: -32603, message: "the client's answer may not leave" } });
    expect(given()[0]?.withheld).toMatch(/^check `secret/);
    if (!secret.startsWith("secret://")) expect(JSON.stringify(given())).not.toContain(secret);
  });

  it("stays once the call has ended or was aborted", async () => {
    let release: (answer: JsonObject) => void = () => undefined;
    const late = guarded(() => new Promise((resolve) => (release = resolve)));
    const pending = late.relay.request(ask("slow?"));
    await new Promise((resolve) => setImmediate(resolve));
    late.close();
    release({ result: { content: {} } });
    expect(await pending).toHaveProperty("error");
    const aborted = guarded({ result: {} });
    aborted.abort.abort();
    expect(await aborted.relay.request(ask("now?"))).toHaveProperty("error");
    expect(aborted.heard).toEqual([]);
  });

  it("is kept by digest and size where it is large, and a server does not ask without end", async () => {
    const { relay, given, heard } = guarded({ result: { text: "word ".repeat(mostKeptChars) } });
    expect(await relay.request(ask("a book?"))).toHaveProperty("result");
    expect(given()[0]?.answer).toMatchObject({ countersign: "not kept: too large" });
    const many = guarded({ result: {} });
    for (let i = 0; i < mostAsked + 5; i++) await many.relay.request(ask("again?"));
    expect(many.heard).toHaveLength(mostAsked);
    expect(heard).toHaveLength(1);
  });
});
