import { CountersignProblem, isObject, problemOf } from "./problem.ts";

export interface ClientOptions {
  /** The server's address, such as `http://localhost:4600`. */
  readonly url: string;
  /** An agent's key or a person's credential; it is sent to this server only. A browser's session needs none. */
  readonly key?: string;
  readonly fetch?: typeof fetch;
  /** Of one request without its wait for a held action. */
  readonly timeoutMs?: number;
  /** How receipts name this client's way in. */
  readonly door?: "sdk" | "cli";
  /** What a page of the console sends with each change. */
  readonly csrf?: string;
}

export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  readonly body?: unknown;
  /** With it a request may be sent again after a broken connection: it is done once all the same. */
  readonly idempotencyKey?: string;
  /** How much longer than usual the server may take. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
  readonly headers?: { readonly [name: string]: string };
}

const mostTries = 3;

/** The way to one server. */
export class Wire {
  readonly origin: string;
  readonly #options: ClientOptions;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    if (!URL.canParse(options.url)) {
      throw new CountersignProblem("invalid", "the server's address is not an address", {
        help: "such as `http://localhost:4600`",
      });
    }
    this.origin = new URL(options.url).origin;
    this.#options = options;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  async json<T>(ask: Ask): Promise<T> {
    const response = await this.send(ask);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch (cause) {
      const isUncertain = ask.method !== "GET";
      throw new CountersignProblem("unavailable", "the server's answer broke off or is not JSON", {
        isUncertain,
        cause,
      });
    }
  }

  async text(ask: Ask): Promise<string> {
    return (await this.send(ask)).text();
  }

  /** Sends, again where that is safe, and fails with the problem that the server named. */
  async send(ask: Ask): Promise<Response> {
    const mayChange = ask.method !== "GET";
    const isSafe = !mayChange || ask.idempotencyKey !== undefined;
    for (let tries = 1; ; tries++) {
      let response: Response;
      try {
        response = await this.#once(ask);
      } catch (cause) {
        ask.signal?.throwIfAborted();
        if (!isSafe || tries >= mostTries) throw this.#unreachable(cause, mayChange);
        await pause(tries, ask.signal);
        continue;
      }
      if (response.ok) return response;
      if (response.status === 503 && !mayChange && tries < mostTries) {
        await pause(tries, ask.signal);
        continue;
      }
      throw problemOf(response.status, await response.json().catch(() => undefined), { mayChange });
    }
  }

  #once(ask: Ask): Promise<Response> {
    const url = new URL(ask.path, this.origin);
    for (const [name, value] of Object.entries(ask.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const limit = AbortSignal.timeout((this.#options.timeoutMs ?? 30_000) + (ask.waitMs ?? 0));
    return this.#fetch(url, {
      method: ask.method,
      headers: this.headers(ask),
      // A redirect would carry the key to wherever it points.
      redirect: "error",
      signal: ask.signal === undefined ? limit : AbortSignal.any([ask.signal, limit]),
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
    });
  }

  /** An event stream has no deadline: it ends when its reader leaves. */
  open(path: string, headers: { readonly [name: string]: string }, signal: AbortSignal): Promise<Response> {
    const ask: Ask = { method: "GET", path, headers: { accept: "text/event-stream", ...headers } };
    return this.#fetch(new URL(path, this.origin), { headers: this.headers(ask), redirect: "error", signal });
  }

  headers(ask: Ask): Record<string, string> {
    const { key, door, csrf } = this.#options;
    return {
      accept: "application/json",
      ...(ask.body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      "countersign-door": door ?? "sdk",
      ...(csrf === undefined || ask.method === "GET" ? {} : { "x-countersign-csrf": csrf }),
      ...(ask.idempotencyKey === undefined ? {} : { "idempotency-key": ask.idempotencyKey }),
      ...ask.headers,
    };
  }

  #unreachable(cause: unknown, mayChange: boolean): CountersignProblem {
    const isUncertain = mayChange && !neverLeft(cause);
    const isLate = cause instanceof DOMException && cause.name === "TimeoutError";
    const detail = isLate ? `${this.origin} did not answer in time` : `no server answers at ${this.origin}`;
    const help = "start one with `countersign up`, or name another with `COUNTERSIGN_URL`";
    return new CountersignProblem("unavailable", detail, {
      isUncertain,
      ...(isUncertain || isLate ? {} : { help }),
      cause,
    });
  }
}

const withoutConnection = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];

/** No connection came about, so nothing was sent; a browser never says so. */
function neverLeft(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if (!isObject(cause.cause)) return false;
  return withoutConnection.includes(String(cause.cause.code));
}

/** A little longer each time, never two clients in step. */
async function pause(tries: number, signal?: AbortSignal): Promise<void> {
  const ms = 100 * 2 ** tries * (0.5 + Math.random() / 2);
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal?.throwIfAborted();
}
