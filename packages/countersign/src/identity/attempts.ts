import { isIPv6 } from "node:net";

/**
 * Failed attempts per source within a minute. What it guards is work (signatures, log lines), not guessing: nobody guesses
 * 256 bits. So a live key, or a token seen before, still opens while its source is blocked, and a noisy neighbour behind the
 * same address cannot lock an agent out; only new assertions and unseen tokens wait. Holds at most `capacity` sources; the one that failed longest ago goes first.
 */
export class FailedAttempts {
  readonly #limit: number;
  readonly #capacity: number;
  readonly #sources = new Map<string, { count: number; readonly untilTick: number }>();

  constructor({ limit = 20, capacity = 10_000 }: { readonly limit?: number; readonly capacity?: number } = {}) {
    this.#limit = limit;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#sources.size;
  }

  isBlocked(source: string, tick: number): boolean {
    const held = this.#sources.get(network(source));
    return held !== undefined && tick < held.untilTick && held.count >= this.#limit;
  }

  fail(source: string, tick: number): void {
    const name = network(source);
    const held = this.#sources.get(name);
    this.#sources.delete(name);
    if (this.#sources.size >= this.#capacity) {
      const [oldest] = this.#sources.keys();
      if (oldest !== undefined) this.#sources.delete(oldest);
    }
    const open = held !== undefined && tick < held.untilTick ? held : { count: 0, untilTick: tick + 60_000 };
    this.#sources.set(name, { count: open.count + 1, untilTick: open.untilTick });
  }
}

/** One subscriber holds a whole /64 of IPv6: its addresses count as one. */
function network(source: string): string {
  if (!isIPv6(source) || source.includes(".")) return source.replace(/^::ffff:/i, "").slice(0, 64);
  const [head = "", tail] = source.split("%")[0]?.split("::") ?? [];
  const left = head.split(":").filter((part) => part !== "");
  const right = tail === undefined ? [] : tail.split(":").filter((part) => part !== "");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill("0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
