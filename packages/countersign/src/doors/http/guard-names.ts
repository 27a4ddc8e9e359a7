import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { Problem } from "../../floor/problem.ts";

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** Asked by what watches replicas, which knows them by their numbers: a pod's probe, a load balancer, Prometheus. */
const watched = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * Refuses a page of another site that had its name point to this machine: both names must be known (DNS rebinding). A
 * number is no name that could be pointed anywhere; it is enough where nothing of anybody is told.
 */
export function guardNames(headers: IncomingHttpHeaders, publicUrl: string, path = ""): void {
  const host = headers.host ?? "";
  const own = new URL(publicUrl);
  const isWatch = watched.has(path) && isNumber(host);
  if (host !== own.host && !loopback.test(host) && !isWatch) {
    throw new Problem("forbidden", "this host name is not one of this server's own", {
      help: "use the address that `server.publicUrl` of the workspace names",
    });
  }
  const { origin } = headers;
  if (origin === undefined || origin === own.origin) return;
  const same = loopback.test(host) && origin === `${own.protocol}//${host.toLowerCase()}`;
  if (!same) throw new Problem("forbidden", "this origin may not call this server");
}

function isNumber(host: string): boolean {
  return (
    isIP(host.replace(/:\d{1,5}$/, "")) === 4 || isIP(/^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(host)?.[1] ?? "") === 6
  );
}
