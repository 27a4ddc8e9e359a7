import { Problem } from "../../floor/problem.ts";

const perMinute = 600;
const burst = 200;
const mostKnown = 10_000;

interface Bucket {
  left: number;
  atMs: number;
}

/** How many questions one credential may ask this replica: each is decided in full and leaves a receipt. */
export class AskRate {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes so many at once or none; fails with `too_many`. */
  take(credential: string, count: number, tickMs: number): void {
    const before = this.#buckets.get(credential) ?? { left: burst, atMs: tickMs };
    const left = Math.min(burst, before.left + ((tickMs - before.atMs) * perMinute) / 60_000);
    if (left < count) {
      throw new Problem("too_many", `at most ${perMinute} questions a minute are answered to one credential`, {
        help: "wait, or ask for fewer at once",
      });
    }
    this.#buckets.delete(credential);
    this.#buckets.set(credential, { left: left - count, atMs: tickMs });
    if (this.#buckets.size > mostKnown) this.#buckets.delete(this.#buckets.keys().next().value as string);
  }
}
