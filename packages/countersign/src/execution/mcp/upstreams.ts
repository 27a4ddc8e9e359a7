import type { Connector } from "../connector.ts";
import { openUpstream, type Upstream } from "./upstream.ts";
import type { UpstreamConfig, UpstreamTools } from "./upstream-config.ts";

/** Every upstream, once per workflow and, where connections belong to people, once per person; opened at first use. */
export interface Upstreams extends Connector {
  /** Undefined where the plane has no such server. */
  of(server: string, workflow: string, onBehalfOf?: string): Upstream | undefined;
  /** Ends what was opened under connections that are no longer in force. */
  look(): Promise<void>;
  close(): Promise<void>;
}

type ConfigOf = (server: string, workflow: string, onBehalfOf?: string) => UpstreamConfig | undefined;

/** Ways of single people that are kept open at once; of the idle ones the one that was used longest ago is closed first. */
const mostOfPeople = 256;

/** `configOf` is asked once per server, workflow and person; it forgets a server by being closed and created anew. */
export function createUpstreams(configOf: ConfigOf, tools: UpstreamTools): Upstreams {
  const open = new Map<string, Upstream>();
  const ofPeople = new Set<string>();
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
    idle?.close().catch(() => tools.log.warn({ server: idle.server }, "a way to an upstream did not close cleanly"));
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
        ? { kind: "never_sent", reason: "the plane has no such server" }
        : upstream.call(dispatch);
    },
    async look() {
      await Promise.all([...open.values()].map((upstream) => upstream.look()));
    },
    async close() {
      await Promise.all([...open.values()].map((upstream) => upstream.close()));
      open.clear();
      ofPeople.clear();
    },
  };
}
