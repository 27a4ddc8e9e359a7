import type { Connector } from "../connector.ts";
import { openUpstream, type Upstream } from "./upstream.ts";
import type { UpstreamConfig, UpstreamTools } from "./upstream-config.ts";

/** Every upstream, once per workflow and, where connections belong to people, once per person; opened at first use. */
export interface Upstreams extends Connector {
  /** Undefined where the plane has no such server. */
  of(server: string, workflow: string, onBehalfOf?: string): Upstream | undefined;
  /** Ends what was opened under connections, or with secrets, that are no longer in force: everywhere, or to these servers. */
  look(only?: ReadonlySet<string>): Promise<void>;
  /** Opens new ways to these servers at their next calls; the old ones end when idle, at the latest after so many ms. */
  replace(servers: ReadonlyMap<string, number>): void;
  close(): Promise<void>;
}

type ConfigOf = (server: string, workflow: string, onBehalfOf?: string) => UpstreamConfig | undefined;

/** Ways of single people that are kept open at once; of the idle ones the one that was used longest ago is closed first. */
const mostOfPeople = 256;

/** `configOf` is asked once per server, workflow and person, until that server is replaced. */
export function createUpstreams(configOf: ConfigOf, tools: UpstreamTools): Upstreams {
  const open = new Map<string, Upstream>();
  const ofPeople = new Set<string>();
  const leaving = new Set<Upstream>();
  const end = (upstream: Upstream, withinMs?: number): void => {
    leaving.add(upstream);
    upstream
      .close(withinMs)
      .catch(() => tools.log.warn({ server: upstream.server }, "a way to an upstream did not close cleanly"))
      .finally(() => leaving.delete(upstream));
  };
  const makeRoom = (key: string): void => {
    ofPeople.delete(key);
    ofPeople.add(key);
    if (ofPeople.size <= mostOfPeople) return;
    // What is under way is never cut off for room: then there are a few more for a while.
    const oldest = [...ofPeople].find((one) => one !== key && open.get(one)?.isBusy() !== true);
    if (oldest === undefined) return;
    const idle = open.get(oldest);
    ofPeople.delete(oldest);
    open.delete(oldest);
    if (idle !== undefined) end(idle);
  };
  const of = (server: string, workflow: string, onBehalfOf?: string): Upstream | undefined => {
    // INVARIANT: the person is part of the name, so that nothing of one person's is found for another.
    const key = JSON.stringify([server, workflow, ...(onBehalfOf === undefined ? [] : [onBehalfOf])]);
    const held = open.get(key);
    const config = held === undefined ? configOf(server, workflow, onBehalfOf) : undefined;
    const upstream = held ?? (config === undefined ? undefined : openUpstream(config, tools));
    if (upstream === undefined) return undefined;
    open.set(key, upstream);
    if (onBehalfOf !== undefined) makeRoom(key);
    return upstream;
  };
  return {
    of,
    async call(dispatch) {
      const upstream = of(dispatch.server, dispatch.workflow, dispatch.onBehalfOf);
      return upstream === undefined
        ? { kind: "never_sent", reason: "the plane has no way to such a server" }
        : upstream.call(dispatch);
    },
    async look(only) {
      const asked = [...open.values()].filter(({ server }) => only?.has(server) ?? true);
      await Promise.all(asked.map((upstream) => upstream.look()));
    },
    replace(servers) {
      for (const [key, upstream] of open) {
        const withinMs = servers.get(upstream.server);
        if (withinMs === undefined) continue;
        open.delete(key);
        ofPeople.delete(key);
        end(upstream, withinMs);
      }
    },
    async close() {
      await Promise.all([...open.values(), ...leaving].map((upstream) => upstream.close()));
      open.clear();
      ofPeople.clear();
    },
  };
}
