import type { Server } from "node:https";
import type { Log } from "./floor/log.ts";

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Serves a certificate that was renewed, without a restart: the files are looked at while the server listens. INVARIANT:
 * what is served is a whole pair. A certificate whose key is not there yet, or that cannot be read, changes nothing.
 */
export function renewTls(server: Server, read: () => TlsFiles, log: Log, everyMs = 15_000): void {
  let served = read();
  let refused: TlsFiles | undefined;
  let told: string | undefined;
  const look = (): void => {
    try {
      const found = read();
      if (isSame(found, served) || (refused !== undefined && isSame(found, refused))) return;
      refused = found;
      server.setSecureContext({ ...found, minVersion: "TLSv1.2" });
      [served, refused, told] = [found, undefined, undefined];
      log.info({}, "the renewed TLS certificate is served from now on");
    } catch (cause) {
      if (told === String(cause)) return;
      told = String(cause);
      log.warn({ cause: told }, "the TLS files changed and cannot be served; what was served before still is");
    }
  };
  const timer = setInterval(look, everyMs).unref();
  server.once("close", () => clearInterval(timer));
}

function isSame(a: TlsFiles, b: TlsFiles): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key);
}
