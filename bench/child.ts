import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

type Answers = { readonly [question: string]: (given: never) => unknown };

/** In the child: says that it is ready, and answers what the parent asks; `close` is asked last. */
export function serveParent(ready: object, answers: Answers & { readonly close: () => Promise<void> }): void {
  process.on("message", async (message: { readonly ask: string; readonly id: number; readonly given: never }) => {
    try {
      const value = await answers[message.ask]?.(message.given);
      process.send?.({ id: message.id, value });
    } catch (thrown) {
      process.send?.({
        id: message.id,
        fault: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
      });
    }
    if (message.ask === "close") process.disconnect();
  });
  process.on("disconnect", () => setTimeout(() => process.exit(0), 100).unref());
  process.send?.({ ready });
}

export interface Child<Ready> {
  readonly pid: number;
  readonly ready: Ready;
  ask<T>(question: string, given?: unknown): Promise<T>;
  close(): Promise<void>;
  kill(): void;
}

/** Starts a program of this folder as a process of its own. */
export async function startChild<Ready>(
  file: string,
  options: unknown = {},
  flags: readonly string[] = [],
): Promise<Child<Ready>> {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: [...flags],
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  let last = 0;
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
    child.on("message", (message: { ready?: Ready; id?: number; value?: never; fault?: string }) => {
      if (message.ready !== undefined) return resolve(message.ready);
      const one = waiting.get(message.id ?? 0);
      waiting.delete(message.id ?? 0);
      if (message.fault === undefined) one?.resolve(message.value as never);
      else one?.reject(new Error(message.fault));
    });
  });
  child.on("exit", (code) => {
    for (const one of waiting.values()) one.reject(new Error(`${file} ended with ${code}`));
  });
  const ask = <T>(question: string, given?: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      child.send({ ask: question, id, given });
    });
  return {
    pid: pidOf(child),
    ready,
    ask,
    async close() {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      await ask("close");
      await ended;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("a process could not be started");
  return child.pid;
}
