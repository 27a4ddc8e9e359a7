import { hash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { type Json, type JsonObject, parseJson } from "@countersign/contract";
import type { Clock } from "../floor/clock.ts";
import { workerFile } from "../floor/worker-file.ts";
import { type Bundle, readBundle } from "./bundle.ts";
import { type Asked, longestAnswer, longestQuestion, type VetoRule } from "./veto.ts";
import type { WasmQuestion, WasmReply, WasmTask } from "./wasm-worker.ts";

type WasmRule = VetoRule & { readonly kind: "opa-wasm" };

export interface OpenWasm {
  ask(question: JsonObject): Promise<Asked>;
  /** How large the instance was after its last answer, in bytes. */
  readonly grownTo: number;
  close(): Promise<void>;
}

export const wasmBounds = { mostPages: 512, replaceBytes: 8 * 1024 * 1024 } as const;
const lookAgainMs = 2000;
const longestBundle = 64 * 1024 * 1024;

interface Waiting {
  readonly id: number;
  readonly question: JsonObject;
  readonly settle: (asked: Asked) => void;
}

/** Evaluates a bundle in a thread of its own, one question at a time; a question that does not end in time ends the thread. */
export function openWasm(rule: WasmRule, folder: string, clock: Pick<Clock, "tick">): OpenWasm {
  let bundle: Promise<Bundle> | undefined;
  let broken: { readonly fault: string; readonly untilMs: number } | undefined;
  let worker: Worker | undefined;
  let running: Waiting | undefined;
  let last = 0;
  let grownTo = 0;
  let closed = false;
  const queue: Waiting[] = [];

  const end = (waiting: Waiting, asked: Asked): void => {
    if (running === waiting) running = undefined;
    const at = queue.indexOf(waiting);
    if (at >= 0) queue.splice(at, 1);
    waiting.settle(asked);
    void next();
  };
  const drop = async (): Promise<void> => {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  };
  const next = async (): Promise<void> => {
    if (running !== undefined || closed) return;
    const waiting = queue.shift();
    if (waiting === undefined) return;
    running = waiting;
    try {
      bundle ??= load(rule, folder);
      const loaded = await bundle;
      if (running !== waiting || closed) return;
      worker ??= start(loaded);
      worker.postMessage({ id: waiting.id, question: waiting.question } satisfies WasmQuestion);
    } catch (thrown) {
      // The file may be put right without a new workspace; until it is looked at again, nothing is read.
      bundle = undefined;
      const fault = thrown instanceof BundleFault ? thrown.message : "its bundle could not be loaded";
      broken = { fault, untilMs: clock.tick() + lookAgainMs };
      end(waiting, { fault });
    }
  };
  const start = ({ wasm, data }: Bundle): Worker => {
    const task: WasmTask = {
      wasm,
      entrypoint: rule.entrypoint,
      ...wasmBounds,
      ...(data === undefined ? {} : { data }),
    };
    const made = new Worker(workerFile("./wasm-worker.ts", import.meta.url), {
      workerData: task,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      // A policy that prints must not print into our log.
      stdout: true,
      stderr: true,
    });
    made.on("message", (reply: WasmReply) => hear(reply));
    const broke = (): void => {
      if (worker !== made) return;
      worker = undefined;
      if (running !== undefined) end(running, { fault: "the bundle could not be evaluated within its bounds" });
    };
    made.once("error", broke);
    made.once("exit", broke);
    made.unref();
    return made;
  };
  const hear = (reply: WasmReply): void => {
    if (reply.bytes > 0) grownTo = reply.bytes;
    const asked = running;
    if (asked === undefined || asked.id !== reply.id) return;
    end(asked, "fault" in reply ? { fault: reply.fault } : resultOf(reply.result));
  };
  const resultOf = (bytes: string): Asked => {
    try {
      return { bytes, result: parseJson(bytes, { maxBytes: longestAnswer, maxDepth: 32 }) as Json };
    } catch {
      return { bytes, fault: `its answer is larger than ${longestAnswer} bytes, or cannot mean one thing only` };
    }
  };

  return {
    get grownTo() {
      return grownTo;
    },
    async ask(question) {
      if (broken !== undefined && clock.tick() < broken.untilMs) return { fault: broken.fault };
      if (Buffer.byteLength(JSON.stringify(question)) > longestQuestion)
        return { fault: `the question is larger than ${longestQuestion} bytes` };
      const { promise, resolve: settle } = Promise.withResolvers<Asked>();
      const waiting: Waiting = { id: ++last, question, settle };
      const timer = setTimeout(() => {
        const ran = running === waiting;
        if (ran) void drop();
        end(waiting, { fault: `no answer within ${rule.timeoutMs} ms` });
      }, rule.timeoutMs);
      queue.push(waiting);
      void next();
      const asked = await promise.finally(() => clearTimeout(timer));
      const revision = "fault" in asked ? undefined : (await bundle)?.revision;
      return revision === undefined ? asked : { ...asked, revision };
    },
    async close() {
      closed = true;
      for (const waiting of [...queue, ...(running === undefined ? [] : [running])])
        waiting.settle({ fault: "it is being closed" });
      await drop();
    },
  };
}

class BundleFault extends Error {}

/** INVARIANT: what runs is the file that two people signed for, by its digest. */
async function load(rule: WasmRule, folder: string): Promise<Bundle> {
  const path = resolve(folder, rule.bundle);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) throw new BundleFault("its bundle is not where the workspace says");
  if (size > longestBundle) throw new BundleFault(`its bundle is larger than ${longestBundle} bytes`);
  const bytes = await readFile(path);
  if (`sha256:${hash("sha256", bytes, "hex")}` !== rule.digest)
    throw new BundleFault("its bundle is another file than the workspace names by digest");
  try {
    return readBundle(bytes);
  } catch (thrown) {
    throw new BundleFault(thrown instanceof Error ? thrown.message : "its bundle cannot be read");
  }
}
