import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMcpDoor, mcpDoorDefaults } from "../packages/countersign/src/doors/mcp/index.ts";
import { createSessions } from "../packages/countersign/src/execution/mcp/index.ts";
import { systemClock } from "../packages/countersign/src/floor/clock.ts";
import { createLog } from "../packages/countersign/src/floor/log.ts";
import { Problem } from "../packages/countersign/src/floor/problem.ts";
import { Secret } from "../packages/countersign/src/floor/secret.ts";
import { authenticate, FailedAttempts, loadTokenKeys, SeenProofs, TokenCache, UseLog } from "../packages/countersign/src/identity/index.ts";
import { serveParent } from "./child.ts";
import { openWorld, type Switches } from "./world.ts";
import { server } from "./workspace.ts";

/** The gate as a process of its own: the product's parts behind its MCP door, less what the switches leave out. */
export interface GateOptions extends Switches {
  readonly folder: string;
  readonly upstream: string;
}

const options = JSON.parse(process.argv[2] ?? "{}") as GateOptions;
const log = createLog("error");
const world = await openWorld({ ...options, log: "error" });
const { plane } = world;
const { control, db } = plane;
const tokenKeys = await loadTokenKeys(db, systemClock, {
  seal: async (bytes, aad) => plane.keyring.sealer.seal(bytes, aad),
  open: async (bytes, aad) => plane.keyring.sealer.open(bytes, aad),
});
const memory = { tokens: new TokenCache(), seenProofs: new SeenProofs(), attempts: new FailedAttempts(), uses: new UseLog() };
const http = createServer((request, response) => void door(request, response));
http.keepAliveTimeout = 120_000;
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
const door = createMcpDoor({
  hall: plane.hall,
  upstreams: plane.upstreams,
  sessions: createSessions(db),
  catalogNames: () => [server],
  identify: async (request) => {
    const caller = await authenticate(request.headers, {
      db,
      clock: systemClock,
      publicUrl: origin,
      directory: control.keeper.loaded().directory,
      credentials: control.keeper.credentials(),
      tokenKeys,
      ...memory,
      request: { method: "POST", url: origin, source: "127.0.0.1", client: "bench" },
      audiences: [`${origin}/mcp`],
    });
    if (caller.kind !== "agent") throw new Problem("forbidden", "this door is for agents");
    return caller;
  },
  config: {
    ...mcpDoorDefaults,
    publicUrl: origin,
    allowedHosts: [],
    allowedOrigins: [],
    resourceMetadataUrl: `${origin}/.well-known/oauth-protected-resource/mcp`,
    approvalUrl: (id) => `${origin}/approvals/${id}`,
    stateKeys: [new Secret("a key of the bench only, thirty-two bytes")],
  },
  log,
  clock: systemClock,
});

serveParent({ url: `${origin}/mcp/${server}`, key: world.key, folder: options.folder }, {
  spent: () => world.spent.take(),
  cpu: () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  close: async () => {
    await door.close();
    http.closeAllConnections();
    http.close();
    await world.close();
  },
});
