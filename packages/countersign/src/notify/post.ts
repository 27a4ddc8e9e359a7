import { Agent, request } from "undici";
import { guardedLookup, isOwnName, RefusedAddress, refusedHost } from "./outside.ts";

/** What became of one sending. `never`: trying again would not help. */
export type Sent =
  | { readonly kind: "sent" }
  | { readonly kind: "later"; readonly why: string; readonly afterMs?: number }
  | { readonly kind: "never"; readonly why: string };

export interface Posting {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isPrivate: boolean;
  readonly timeoutMs?: number;
}

export type Posted = { readonly status: number; readonly text: string; readonly retryAfterMs?: number } | Sent;

export const timeoutMs = 10_000;
const connectMs = 5_000;
const longestAnswer = 65_536;
const longestWaitMs = 3_600_000;

const agents = new Map<boolean, Agent>();

function agentFor(isPrivate: boolean): Agent {
  const known = agents.get(isPrivate);
  if (known !== undefined) return known;
  const connect = { lookup: guardedLookup(isPrivate), timeout: connectMs };
  // A connection is made for each sending: where a name leads is looked at each time.
  const made = new Agent({ connect, pipelining: 0, keepAliveTimeout: 1, maxHeaderSize: 16_384 });
  agents.set(isPrivate, made);
  return made;
}

/**
 * Sends once: to `https`, or to this very machine; not to private addresses unless that is said; follows no redirect; waits
 * ten seconds; reads 64 KiB. Says what failed in words of our own: an answer may repeat what was sent.
 */
export async function post({ url, body, headers, isPrivate, timeoutMs: most = timeoutMs }: Posting): Promise<Posted> {
  if (!URL.canParse(url)) return { kind: "later", why: "its address is not an address" };
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== "https:" && !(protocol === "http:" && isOwnName(hostname)))
    return { kind: "later", why: "its address does not start with `https://`" };
  if (username !== "" || password !== "") return { kind: "later", why: "its address holds a name or password" };
  const refused = refusedHost(hostname, isPrivate);
  if (refused !== undefined) return { kind: "later", why: refused };
  const deadline = AbortSignal.timeout(most);
  try {
    const answer = await request(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "user-agent": "countersign", ...headers },
      dispatcher: agentFor(isPrivate),
      signal: deadline,
      headersTimeout: most,
      bodyTimeout: most,
    });
    const text = await readUpTo(answer.body, longestAnswer);
    const retryAfterMs = secondsOf(answer.headers["retry-after"]);
    return { status: answer.statusCode, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (thrown) {
    return { kind: "later", why: reasonOf(thrown, deadline.aborted, most) };
  }
}

/** By the status alone. */
export function sentBy(posted: Posted): Sent {
  if ("kind" in posted) return posted;
  const { status, retryAfterMs } = posted;
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === 410) return { kind: "never", why: "it answered that it is gone for good: status 410" };
  const why =
    status >= 300 && status < 400
      ? "it answered with a redirect, and none is followed"
      : `it answered with status ${status}`;
  return { kind: "later", why, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
}

/** What comes after the limit is not read: the connection is cut. */
async function readUpTo(body: AsyncIterable<Uint8Array> & { destroy(): unknown }, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > most) {
      body.destroy();
      return "";
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function secondsOf(header: string | readonly string[] | undefined): number | undefined {
  return typeof header === "string" && /^[0-9]{1,6}$/.test(header)
    ? Math.min(longestWaitMs, Number(header) * 1000)
    : undefined;
}

function reasonOf(thrown: unknown, late: boolean, most: number): string {
  for (let one = thrown; one instanceof Error; one = one.cause) {
    if (one instanceof RefusedAddress) return one.message;
  }
  return late ? `no answer within ${most} ms` : "no connection, or it broke";
}
