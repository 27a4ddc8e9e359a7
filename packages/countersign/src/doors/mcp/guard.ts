import type { IncomingMessage } from "node:http";
import { rpcCodes } from "../../execution/mcp/index.ts";
import { Rejection } from "./rejection.ts";
import type { McpDoorConfig } from "./setting.ts";

let known = { publicUrl: "", host: "", origin: "" };

/** The public address is read at every request and hardly ever changes. */
function namesOf(publicUrl: string): { readonly host: string; readonly origin: string } {
  if (known.publicUrl !== publicUrl) {
    const { host, origin } = new URL(publicUrl);
    known = { publicUrl, host, origin };
  }
  return known;
}

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Refuses a page of another site that had its name point to this machine: both names must be known (DNS rebinding). */
export function guardNames(request: IncomingMessage, config: McpDoorConfig): void {
  const host = request.headers.host ?? "";
  const own = namesOf(config.publicUrl);
  if (host !== own.host && !loopback.test(host) && !config.allowedHosts.includes(host)) {
    throw new Rejection(403, rpcCodes.invalidRequest, "this host name is not one of the plane's own");
  }
  const { origin } = request.headers;
  if (origin === undefined) return;
  const same = URL.canParse(origin) && new URL(origin).host === host;
  if (!same && origin !== own.origin && !config.allowedOrigins.includes(origin)) {
    throw new Rejection(403, rpcCodes.invalidRequest, "this origin may not call the plane");
  }
}

export interface Accepts {
  readonly json: boolean;
  readonly stream: boolean;
}

export function accepts(request: IncomingMessage): Accepts {
  const wanted = (request.headers.accept ?? "*/*")
    .split(",")
    .map((part) => part.split(";")[0]?.trim().toLowerCase() ?? "");
  const has = (...types: readonly string[]) => types.some((type) => wanted.includes(type));
  return { json: has("application/json", "application/*", "*/*"), stream: has("text/event-stream", "text/*", "*/*") };
}

/** A POST must carry JSON and take JSON back; without `text/event-stream` it gets no messages before the answer. */
export function guardTypes(request: IncomingMessage): Accepts {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new Rejection(415, rpcCodes.invalidRequest, "the body must be `application/json`");
  const accepted = accepts(request);
  if (!accepted.json) throw new Rejection(406, rpcCodes.invalidRequest, "the client must accept `application/json`");
  return accepted;
}
