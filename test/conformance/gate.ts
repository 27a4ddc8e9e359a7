import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Checking } from "../../packages/countersign/src/action/index.ts";
import { createMcpDoor, type McpDoorConfig, mcpDoorDefaults } from "../../packages/countersign/src/doors/mcp/index.ts";
import {
  createUpstreams,
  type SessionRow,
  type SessionStore,
  type UpstreamConfig,
  type Upstreams,
} from "../../packages/countersign/src/execution/mcp/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { createLog, silent } from "../../packages/countersign/src/floor/log.ts";
import { Problem } from "../../packages/countersign/src/floor/problem.ts";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";
import type { Admitted, Caller } from "../../packages/countersign/src/identity/index.ts";
import { createHallDouble, type HallDouble, type Treatment } from "./hall-double.ts";

/** A gate's MCP door on a port of its own, with the double of the hall behind it. */
export interface TestGate {
  readonly origin: string;
  readonly hall: HallDouble;
  readonly upstreams: Upstreams;
  close(): Promise<void>;
}

export interface TestGateOptions {
  readonly upstreams: readonly UpstreamConfig[];
  readonly treat?: (server: string, tool: string) => Treatment;
  readonly config?: Partial<McpDoorConfig>;
  readonly sessions?: SessionStore;
  readonly redact?: Checking["redact"];
  /** Bearer keys and whom they prove; absent: everyone is `robot`. */
  readonly keys?: Readonly<Record<string, Caller>>;
  /** Who is still let in; absent: everyone. */
  readonly again?: (one: Admitted) => boolean;
}

export const robot: Caller = {
  kind: "agent",
  agent: "robot",
  owner: "ana@acme.example",
  workflow: "tests",
  dri: "ana@acme.example",
  tier: 1,
  groups: [],
  credential: "key_robot",
};

export async function openTestGate(options: TestGateOptions): Promise<TestGate> {
  const log = process.env.CONFORMANCE_LOG === undefined ? silent : createLog("debug");
  const configs = new Map(options.upstreams.map((config) => [config.server, config]));
  const upstreams = createUpstreams((server) => configs.get(server), { log, clock: systemClock });
  const hall = createHallDouble(upstreams, options.treat);
  const http = createServer((request, response) => void door(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const door = createMcpDoor({
    hall,
    upstreams,
    definitions: async (server) => (await upstreams.of(server, robot.workflow)?.definitions()) ?? [],
    redact: options.redact ?? ((value) => ({ value, count: 0, rules: [] })),
    sessions: options.sessions ?? memorySessions(),
    catalogNames: () => [...configs.keys()],
    hasServer: (_caller, server) => configs.has(server),
    identify: async (request) => {
      if (options.keys === undefined) return robot;
      const caller = options.keys[(request.headers.authorization ?? "").replace(/^Bearer /, "")];
      if (caller === undefined) throw new Problem("not_authenticated", "the key is not known");
      return caller;
    },
    identifyAgain: async (all) =>
      all.map((one) =>
        (options.again?.(one) ?? true) ? { who: one.who, untilMs: Number.POSITIVE_INFINITY } : undefined,
      ),
    config: {
      ...mcpDoorDefaults,
      publicUrl: origin,
      isTransparent: () => false,
      allowedHosts: [],
      allowedOrigins: [],
      resourceMetadataUrl: `${origin}/.well-known/oauth-protected-resource/mcp`,
      approvalUrl: (id) => `${origin}/approvals/${id}`,
      stateKeys: [new Secret("a key of tests only, thirty-two bytes or more")],
      ...options.config,
    },
    log,
    clock: systemClock,
  });
  return {
    origin,
    hall,
    upstreams,
    async close() {
      await door.close();
      await upstreams.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export function memorySessions(): SessionStore {
  const rows = new Map<string, SessionRow>();
  return {
    open: async (row) => void rows.set(row.id, row),
    find: async (id) => rows.get(id),
    touch: async () => {},
    end: async (id) => void rows.delete(id),
  };
}
