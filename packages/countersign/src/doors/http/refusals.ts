import { type Parts, type RefusedCaller, refuseCaller } from "../../action/index.ts";
import type { Clock } from "../../floor/clock.ts";
import type { Log } from "../../floor/log.ts";
import { Problem } from "../../floor/problem.ts";

const windowMs = 60_000;

interface Window {
  readonly first: RefusedCaller;
  readonly until: number;
  count: number;
  more: number;
}

/**
 * Receipts of calls without an identity. A source gets ten a minute, all sources together two hundred; what comes
 * above is counted and stands in one receipt when the minute is over. So a flood leaves a trace and does no harm.
 */
export class Refusals {
  readonly #parts: Parts;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #windows = new Map<string, Window>();
  #all: { until: number; count: number } = { until: 0, count: 0 };
  readonly #perSource: number;
  readonly #perAll: number;

  constructor(parts: Parts, limits: { readonly perSource?: number; readonly perAll?: number } = {}) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#perSource = limits.perSource ?? 10;
    this.#perAll = limits.perAll ?? 200;
  }

  /** The same problem, with the id of its receipt where it has one of its own. */
  async record(refused: RefusedCaller, problem: Problem): Promise<Problem> {
    const id = await this.#note(refused).catch((cause: unknown) => {
      this.#log.warn({ cause: String(cause) }, "a refusal could not be recorded");
      return undefined;
    });
    if (id === undefined) return problem;
    return new Problem(problem.code, `${problem.detail}; the receipt of this refusal is \`${id}\``, {
      ...(problem.help === undefined ? {} : { help: problem.help }),
    });
  }

  async #note(refused: RefusedCaller): Promise<string | undefined> {
    const now = this.#clock.tick();
    if (now >= this.#all.until) this.#all = { until: now + windowMs, count: 0 };
    const full = this.#windows.size >= 1000 || this.#all.count >= this.#perAll;
    const crowded = full && !this.#windows.has(refused.source);
    const source = crowded ? "others" : refused.source;
    const held = this.#windows.get(source);
    const window: Window =
      held !== undefined && now < held.until
        ? held
        : { first: { ...refused, source }, until: now + windowMs, count: 0, more: 0 };
    this.#windows.set(source, window);
    const isNoted = window.count < this.#perSource && this.#all.count < this.#perAll;
    if (isNoted) {
      window.count += 1;
      this.#all.count += 1;
    } else window.more += 1;
    // INVARIANT: counted before anything is waited for: whoever comes at the same moment finds this window.
    if (held !== undefined && held !== window) await this.#close(held);
    return isNoted ? refuseCaller(this.#parts, refused) : undefined;
  }

  /** Writes what the windows that are over have counted; with `all`, every window. */
  async flush(all = false): Promise<void> {
    const now = this.#clock.tick();
    for (const [source, window] of this.#windows) {
      if (!all && now < window.until) continue;
      this.#windows.delete(source);
      await this.#close(window);
    }
  }

  async #close(window: Window): Promise<void> {
    const { first, more } = window;
    window.more = 0;
    if (more > 0) await refuseCaller(this.#parts, { ...first, more });
  }
}
