import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "../../floor/problem.ts";

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** Refuses a page of another site that had its name point to this machine: both names must be known (DNS rebinding). */
export function guardNames(headers: IncomingHttpHeaders, publicUrl: string): void {
  const host = headers.host ?? "";
  const own = new URL(publicUrl);
  if (host !== own.host && !loopback.test(host)) {
    throw new Problem("forbidden", "this host name is not one of this server's own", {
      help: "use the address that `server.publicUrl` of the workspace names",
    });
  }
  const { origin } = headers;
  if (origin === undefined || origin === own.origin) return;
  const same = loopback.test(host) && origin === `${own.protocol}//${host.toLowerCase()}`;
  if (!same) throw new Problem("forbidden", "this origin may not call this server");
}
