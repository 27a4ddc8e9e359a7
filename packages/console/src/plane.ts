import { type Countersign, CountersignProblem, connect, problemOf } from "@countersign/client";

let csrf: string | undefined;
let client: Countersign | undefined;

/** What the session sends with each change. */
export function trustSession(token: string | null): void {
  csrf = token ?? undefined;
  client = undefined;
}

/** The server that this console came from, as the person of this browser's session. */
export function plane(): Countersign {
  client ??= connect({ url: location.origin, ...(csrf === undefined ? {} : { csrf }) });
  return client;
}

interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly signal?: AbortSignal;
  /** It is sent to its end also where the page is closed meanwhile. */
  readonly outlives?: boolean;
}

/** Browsers refuse to send more than 64 KiB for pages that are closed. */
const outlivesBytes = 60_000;

/** What no function of the client covers. Fails with the problem that the server named. */
export async function ask<T>(
  path: string,
  { method = "GET", body, query = {}, signal, outlives = false }: Ask = {},
): Promise<T> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const mayChange = method !== "GET";
  const text = body === undefined ? undefined : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      redirect: "error",
      headers: {
        accept: "application/json",
        ...(text === undefined ? {} : { "content-type": "application/json" }),
        ...(!mayChange || csrf === undefined ? {} : { "x-countersign-csrf": csrf }),
      },
      ...(text === undefined ? {} : { body: text }),
      keepalive: outlives && new Blob([text ?? ""]).size <= outlivesBytes,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new CountersignProblem("unavailable", "the server does not answer", {
      isUncertain: mayChange,
      ...(mayChange ? {} : { help: "nothing was changed; it is asked again by itself" }),
      cause,
    });
  }
  if (response.status === 204) return undefined as T;
  const json: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(response.status, json, { mayChange });
  if (json === undefined)
    throw new CountersignProblem("unavailable", "the server's answer broke off", { isUncertain: mayChange });
  return json as T;
}
