// Runs inside the tests, their worker threads and the processes that they start: notes once each place that each test reaches.
import { appendFileSync } from "node:fs";
import { threadId } from "node:worker_threads";

/** The test that runs now, as the set-up of the tests says; a thread or a process of theirs has it from its environment. */
export const now = { test: process.env.MUTATION_TEST ?? "" };

const folder = process.env.MUTATION_NOTES;
const seen = new Map<string, Set<string>>();

export function hit(place: string): void {
  if (folder === undefined) return;
  const places = seen.get(now.test) ?? new Set();
  if (places.has(place)) return;
  seen.set(now.test, places.add(place));
  // At once: a thread may be ended at any time.
  appendFileSync(`${folder}/${process.pid}-${threadId}`, `${now.test}\t${place}\n`);
}
