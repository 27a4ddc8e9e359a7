import type { Begun, ConnectBody, Connection, Consent, Disconnected } from "./body.ts";
import type { Wire } from "./wire.ts";

const id = encodeURIComponent;

/** Upstreams that people connect with their own accounts. A token is never in an answer. */
export function connectionsOf(wire: Wire) {
  return {
    list: async (): Promise<readonly Connection[]> =>
      (await wire.json<{ connections: readonly Connection[] }>({ method: "GET", path: "/v1/connections" })).connections,
    /** Begins one; its `url` is for a browser, within ten minutes. */
    begin: (server: string, body: ConnectBody = {}): Promise<Begun> =>
      wire.json({ method: "POST", path: `/v1/upstreams/${id(server)}/connect`, body }),
    /** How far one is that was begun with the same credential. */
    consent: (consent: string): Promise<Consent> => wire.json({ method: "GET", path: `/v1/consents/${id(consent)}` }),
    /** Says that the browser that shows this code is one's own. */
    confirm: (consent: string, code: string): Promise<unknown> =>
      wire.json({ method: "POST", path: `/v1/consents/${id(consent)}/confirm`, body: { code } }),
    disconnect: (connection: string): Promise<Disconnected> =>
      wire.json({ method: "POST", path: `/v1/connections/${id(connection)}/disconnect`, body: {}, waitMs: 30_000 }),
  };
}
