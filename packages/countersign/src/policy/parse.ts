import { Worker } from "node:worker_threads";
import type { ActionType, PolicyJson, SchemaJson } from "@cedar-policy/cedar-wasm/nodejs";
import { Problem } from "../floor/problem.ts";
import { workerFile } from "../floor/worker-file.ts";
import type { CedarText, PolicyFault, PolicySource } from "./policy.ts";

export interface ParseTask {
  readonly texts: readonly CedarText[];
  /** Where absent, texts are parsed and their cures tried, and nothing is said of names and types. */
  readonly schema?: SchemaJson<string>;
  /** What the schema says of a tool that policies name and that it does not hold; where absent, such a name is a fault. */
  readonly absentTool?: ActionType<string>;
}

export type ValidateTask = ParseTask & { readonly schema: SchemaJson<string> };

export interface ParsedPolicy {
  readonly source: PolicySource;
  readonly file: string;
  readonly text: string;
  /** Where the policy starts in its file, in characters. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly syntax: PolicyJson;
}

export interface ParseReport {
  readonly policies: readonly ParsedPolicy[];
  readonly faults: readonly PolicyFault[];
  readonly warnings: readonly PolicyFault[];
}

const longestText = 1_048_576;
const deadlineMs = 60_000;

/** Parses and validates in a worker of its own, so that no text can harm the engine that decides. */
export async function parse(task: ParseTask): Promise<ParseReport> {
  const tooLong = task.texts.find((text) => text.text.length > longestText);
  if (tooLong !== undefined) return refused(tooLong, "the file is longer than 1 MiB of policies");
  const report = await runWorker(task);
  if (report !== undefined) return report;
  // Some text broke the worker. Each alone tells which; a set that breaks only as a whole is refused as a whole.
  if (task.texts.length === 1) return refused(task.texts[0], hostile);
  for (const text of task.texts) {
    if ((await runWorker({ ...task, texts: [text] })) === undefined) return refused(text, hostile);
  }
  return refused(undefined, hostile);
}

const hostile = "the policies cannot be parsed within bounds; look for very deep nesting";

function refused(text: CedarText | undefined, detail: string): ParseReport {
  return { policies: [], faults: [{ file: text?.file ?? "policies", detail }], warnings: [] };
}

/** Undefined where the worker broke or did not end in time. */
async function runWorker(task: ParseTask): Promise<ParseReport | undefined> {
  const worker = new Worker(workerFile("./parse-worker.ts", import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<ParseReport | undefined>();
  const timer = setTimeout(() => resolve(undefined), deadlineMs);
  worker.once("message", resolve);
  worker.once("exit", () => resolve(undefined));
  worker.once("error", (thrown: unknown) => {
    if (thrown instanceof Error && broke(thrown)) resolve(undefined);
    else reject(new Problem("unavailable", "policies cannot be parsed right now", { cause: thrown }));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** A trap of WebAssembly, an exhausted stack or an exhausted heap. */
function broke(thrown: Error): boolean {
  const code = "code" in thrown ? thrown.code : undefined;
  return (
    thrown.name === "RuntimeError" ||
    thrown instanceof RangeError ||
    thrown.name === "RangeError" ||
    code === "ERR_WORKER_OUT_OF_MEMORY"
  );
}
