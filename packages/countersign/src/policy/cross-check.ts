import { Worker } from "node:worker_threads";
import { workerFile } from "../floor/worker-file.ts";
import type { Question, Reply } from "./cross-check-worker.ts";
import { evaluateHere } from "./engine.ts";
import type { Evaluate, Evaluated } from "./evaluate.ts";
import type { CedarRequest } from "./request.ts";
import type { Slice } from "./slice.ts";

export interface CrossCheckOptions {
  /** Share of evaluations that are looked at again, from 0 to 1. */
  readonly share: number;
  readonly evaluate?: Evaluate;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Two engines say two things of one request: which policies. Told once for a slice, and again where telling failed. */
  readonly onDisagreement: (slice: Slice, policies: readonly string[]) => Promise<void>;
  /** The other engine cannot be asked; evaluations go on. */
  readonly onBroken: (cause: string) => void;
}

export interface CrossCheck {
  readonly evaluate: Evaluate;
  /** Resolves when everything asked so far was answered. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Beyond this nothing more is asked until answers come: looking twice must not cost a call. */
const mostOpen = 64;

/** Evaluates here, and has a share of it evaluated again by the WebAssembly engine, in a thread of its own. */
export function createCrossCheck(options: CrossCheckOptions): CrossCheck {
  const { share, random, evaluate = evaluateHere } = options;
  const open = new Map<number, { readonly slice: Slice; readonly evaluated: Evaluated }>();
  const told = new WeakSet<Slice>();
  let sent = new WeakSet<Slice>();
  let worker: Worker | undefined;
  let last = 0;
  let settled: (() => void)[] = [];
  let closed = false;

  const settle = (id: number): void => {
    open.delete(id);
    if (open.size > 0) return;
    for (const tell of settled) tell();
    settled = [];
  };
  const broken = (cause: string): void => {
    worker = undefined;
    sent = new WeakSet();
    if (!closed) options.onBroken(cause);
    for (const id of [...open.keys()]) settle(id);
  };
  const hear = (reply: Reply): void => {
    const asked = open.get(reply.id);
    settle(reply.id);
    if (asked === undefined) return;
    if ("fault" in reply) {
      options.onBroken(reply.fault);
      return;
    }
    const differing = differences(asked.evaluated, reply.evaluated);
    if (differing.length === 0 || told.has(asked.slice)) return;
    told.add(asked.slice);
    options.onDisagreement(asked.slice, differing).catch((cause: unknown) => {
      told.delete(asked.slice);
      options.onBroken(String(cause));
    });
  };
  const started = (): Worker => {
    const file = workerFile("./cross-check-worker.ts", import.meta.url);
    const made = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: 256 } });
    made.on("message", hear);
    made.once("error", (cause) => broken(String(cause)));
    made.once("exit", () => worker === made && broken("the thread ended"));
    made.unref();
    return made;
  };
  const ask = (slice: Slice, request: CedarRequest, evaluated: Evaluated): void => {
    worker ??= started();
    const id = ++last;
    open.set(id, { slice, evaluated });
    const policies = slice.policies.map(({ id: name, digest, effect, syntax, reads }) => ({
      id: name,
      digest,
      effect,
      syntax,
      reads,
    }));
    worker.postMessage({ id, slice: slice.key, request, ...(sent.has(slice) ? {} : { policies }) } satisfies Question);
    sent.add(slice);
  };
  return {
    evaluate(slice, request) {
      const evaluated = evaluate(slice, request);
      if (random() < share && open.size < mostOpen && !closed) ask(slice, request, evaluated);
      return evaluated;
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => settled.push(resolve))),
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}

/** Policies of which the two say different things. */
function differences(one: Evaluated, other: Evaluated): readonly string[] {
  const said = ({ permits, forbids, errors }: Evaluated) =>
    new Map([
      ...permits.map((id) => [id, "permits"] as const),
      ...forbids.map((id) => [id, "forbids"] as const),
      ...errors.map(({ policy }) => [policy, "errs"] as const),
    ]);
  const [ours, theirs] = [said(one), said(other)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter((id) => ours.get(id) !== theirs.get(id)).sort();
}
