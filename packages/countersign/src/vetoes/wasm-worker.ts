import { parentPort, workerData } from "node:worker_threads";
import type { Json, JsonObject } from "@countersign/contract";
import { type LoadedPolicy, loadPolicy } from "@open-policy-agent/opa-wasm";

export interface WasmTask {
  readonly wasm: Uint8Array;
  readonly data?: Json;
  readonly entrypoint: string;
  /** 64 KiB each. */
  readonly mostPages: number;
  /** An instance that has grown beyond so much is replaced. */
  readonly replaceBytes: number;
}

export interface WasmQuestion {
  readonly id: number;
  readonly question: JsonObject;
}

export type WasmReply = { readonly id: number; readonly bytes: number } & (
  | { readonly result: string }
  | { readonly fault: string }
);

const task = workerData as WasmTask;
let instance: LoadedPolicy | undefined;

async function started(): Promise<LoadedPolicy> {
  const made = await loadPolicy(task.wasm as Parameters<typeof loadPolicy>[0], { initial: 5, maximum: task.mostPages });
  made.setData((task.data ?? {}) as object);
  return made;
}

parentPort?.on("message", ({ id, question }: WasmQuestion) => {
  evaluate(question).then(
    (said) => answer(id, said),
    // What was thrown may quote the question; and an instance that failed once is not asked again.
    () => {
      instance = undefined;
      answer(id, { fault: "the bundle could not be evaluated within its bounds" });
    },
  );
});

async function evaluate(question: JsonObject): Promise<{ readonly result: string } | { readonly fault: string }> {
  instance ??= await started();
  const set = instance.evaluate(question, task.entrypoint) as readonly { readonly result?: unknown }[];
  const result = set[0]?.result;
  return result === undefined
    ? { fault: "its rule is undefined for this question" }
    : { result: JSON.stringify(result) };
}

function answer(id: number, said: { readonly result: string } | { readonly fault: string }): void {
  const bytes = instance?.mem.buffer.byteLength ?? 0;
  parentPort?.postMessage({ id, bytes, ...said } satisfies WasmReply);
  // Memory of WebAssembly never shrinks: one large question would be kept for good.
  if (bytes > task.replaceBytes) instance = undefined;
}
