import type { Connector } from "../connector.ts";
import { openUpstream, type Upstream } from "./upstream.ts";
import type { UpstreamConfig, UpstreamTools } from "./upstream-config.ts";

/** Every upstream, once per workflow, opened at first use. */
export interface Upstreams extends Connector {
  /** Undefined where the plane has no such server. */
  of(server: string, workflow: string): Upstream | undefined;
  close(): Promise<void>;
}

/** `configOf` is asked once per server and workflow; `forget` a server by closing and creating anew. */
export function createUpstreams(
  configOf: (server: string, workflow: string) => UpstreamConfig | undefined,
  tools: UpstreamTools,
): Upstreams {
  const open = new Map<string, Upstream>();
  const of = (server: string, workflow: string): Upstream | undefined => {
    const key = JSON.stringify([server, workflow]);
    const held = open.get(key);
    if (held !== undefined) return held;
    const config = configOf(server, workflow);
    if (config === undefined) return undefined;
    const upstream = openUpstream(config, tools);
    open.set(key, upstream);
    return upstream;
  };
  return {
    of,
    async call(dispatch) {
      const upstream = of(dispatch.server, dispatch.workflow);
      return upstream === undefined
        ? { kind: "never_sent", reason: "the plane has no such server" }
        : upstream.call(dispatch);
    },
    async close() {
      await Promise.all([...open.values()].map((upstream) => upstream.close()));
      open.clear();
    },
  };
}
