import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startChild } from "./child.ts";
import type { GateOptions, GateReady } from "./gate.ts";
import type { Load, Measured } from "./load.ts";
import { flags } from "./program.ts";

/** How much of everything: `quick` shows that the bench works and measures nothing. */
export interface Amount {
  readonly quick: boolean;
  /** Nothing left out: only such figures are worth waiting for. */
  readonly whole: boolean;
  of(full: number): number;
}

export const full: Amount = { quick: false, whole: true, of: (count) => count };
export const quick: Amount = { quick: true, whole: false, of: (count) => Math.max(20, Math.round(count / 50)) };

/** A share of everything; each figure says of how much it is. */
export function scaled(share: number): Amount {
  if (!(share > 0 && share <= 1)) throw new Error("`--scale` takes a share above 0, at most 1");
  return { quick: false, whole: false, of: (count) => Math.max(20, Math.round(count * share)) };
}

const quietLoad = 0.5;
const longestWaitMs = 3_600_000;

/** Where all of it is measured: resolves when next to nothing else runs on this machine, by its load of a minute. Fails after an hour. */
export async function untilQuiet(amount: Amount): Promise<void> {
  if (!amount.whole) return;
  console.error("  (waiting until this machine does nothing else)");
  const until = performance.now() + longestWaitMs;
  while ((loadavg()[0] ?? 0) > quietLoad) {
    if (performance.now() > until) throw new Error("this machine has not been quiet for an hour");
    await sleep(2_000);
  }
}

export type Upstream = Child<{ readonly url: string }>;

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  // The embedded server runs as a user of its own, which must be able to pass.
  chmodSync(folder, 0o755);
  return folder;
}

export function startUpstream(file: "upstream.ts" | "upstream-sdk.ts" = "upstream.ts"): Promise<Upstream> {
  return startChild(file);
}

export interface LoadGenerator {
  run(load: Load): Promise<Measured>;
  close(): Promise<void>;
  readonly pid: number;
}

export async function startLoad(): Promise<LoadGenerator> {
  const child = await startChild("load.ts");
  return {
    pid: child.pid,
    close: () => child.close(),
    async run(load) {
      const measured = await child.ask<Measured>("run", load);
      if (measured.failed > 0) throw new Error(`${measured.failed} of ${measured.calls} calls failed`);
      return measured;
    },
  };
}

/** Runs `work` with a gate on a folder of its own, which is removed afterwards; one that is given stays. */
export async function withGate<T>(
  options: Omit<GateOptions, "folder">,
  work: (gate: Child<GateReady>) => Promise<T>,
  given?: string,
): Promise<T> {
  const folder = given ?? newFolder();
  const gate = await startChild<GateReady>("gate.ts", { ...options, folder }, flags);
  try {
    return await work(gate);
  } finally {
    await gate.close();
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
