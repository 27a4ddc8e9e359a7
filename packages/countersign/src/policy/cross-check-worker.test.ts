import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Question, Reply } from "./cross-check-worker.ts";
import { holding } from "./prove/request.fixture.ts";

let thread: Worker;
beforeAll(() => {
  thread = new Worker(new URL("./cross-check-worker.ts", import.meta.url));
});
afterAll(() => thread.terminate());

async function answer(question: Question): Promise<Reply> {
  thread.postMessage(question);
  const [reply] = await once(thread, "message");
  return reply as Reply;
}

const all = { op: "All" } as const;
const syntax: PolicyJson = { effect: "permit", principal: all, action: all, resource: all, conditions: [] };
const policies = [{ id: "may", digest: "sha256:may", effect: "permit", syntax }] as const;
const request = holding();

it("the thread of the other engine evaluates a slice whose policies it was given, then and later", async () => {
  const evaluated = { permits: ["may"], forbids: [], errors: [] };
  expect(await answer({ id: 1, slice: "one", policies, request })).toEqual({ id: 1, evaluated });
  expect(await answer({ id: 2, slice: "one", request })).toEqual({ id: 2, evaluated });
});

it("it says why it cannot: it was given no such slice, or the engine refuses the question", async () => {
  expect(await answer({ id: 3, slice: "other", request })).toEqual({ id: 3, fault: "the slice is not known" });
  const wrong = { ...request, principal: { type: "no type", id: "a" } };
  expect(await answer({ id: 4, slice: "one", policies, request: wrong })).toEqual({
    id: 4,
    fault: expect.stringContaining("principal"),
  });
});
