import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listReviews, review } from "../../packages/countersign/src/catalog/index.ts";
import { readConfig } from "../../packages/countersign/src/config.ts";
import { createUpstreams } from "../../packages/countersign/src/execution/mcp/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { createLog, silent } from "../../packages/countersign/src/floor/log.ts";
import { issueFirstKey, proposeTier, reviewTool, signTier } from "../../packages/countersign/src/governance/index.ts";
import type { PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { type Running, serve } from "../../packages/countersign/src/serve.ts";
import { forwardWithKey } from "./forward.ts";
import { agent, people, server, workflow, writeFixtureWorkspace } from "./workspace.ts";

export interface WholeGate {
  /** Where the suite finds the fixture behind the gate; the key is added on the way. */
  readonly url: string;
  readonly running: Running;
  /** The agent's key. */
  readonly key: string;
  close(): Promise<void>;
}

export interface WholeGateOptions {
  readonly withheld?: readonly string[];
  readonly asked?: readonly string[];
  /** A PostgreSQL to use; without it the gate starts its own. */
  readonly database?: { readonly url: string; readonly adminUrl: string };
}

/** The whole product in front of the fixture: its own PostgreSQL, policy, checks, reviewed tools, a signed tier, a key. */
export async function openWholeGate(fixtureUrl: string, options: WholeGateOptions = {}): Promise<WholeGate> {
  const root = mkdtempSync(join(tmpdir(), "countersign-conformance-"));
  const { withheld, asked, database } = options;
  const tools = await toolNames(fixtureUrl);
  const folder = join(root, "workspace");
  writeFixtureWorkspace(folder, {
    url: fixtureUrl,
    tools,
    ...(withheld === undefined ? {} : { withheld }),
    ...(asked === undefined ? {} : { asked }),
  });
  const config = readConfig({
    COUNTERSIGN_DATA: join(root, "data"),
    COUNTERSIGN_WORKSPACE: folder,
    COUNTERSIGN_HOST: "127.0.0.1",
    COUNTERSIGN_PORT: "0",
    COUNTERSIGN_DRAIN_SECONDS: "2",
    ...(database === undefined ? {} : { DATABASE_URL: database.url, DATABASE_ADMIN_URL: database.adminUrl }),
    PATH: process.env.PATH,
  });
  const log = process.env.CONFORMANCE_LOG === undefined ? silent : createLog("debug");
  const running = await serve({ config, clock: systemClock, log });
  const key = await prepare(running);
  const forwarded = await forwardWithKey(running.url, key);
  return {
    url: `${forwarded.origin}/mcp/${server}`,
    running,
    key,
    async close() {
      await forwarded.close();
      await running.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function toolNames(url: string): Promise<readonly string[]> {
  const upstreams = createUpstreams(() => ({ server, transport: "http", url, headers: {} }), {
    log: silent,
    clock: systemClock,
  });
  const definitions = await upstreams.of(server, "")?.definitions();
  await upstreams.close();
  return (definitions ?? []).map((definition) => definition.name);
}

/** As the doors prove a person. */
export const person = (email: string): PersonCaller => ({
  kind: "person",
  email,
  name: email,
  roles: ["dri", "admin", "approver"],
  groups: ["editors"],
  credential: `conformance-${email}`,
  method: "cli",
});

/** What people do before an agent may work: they review each tool, two of them sign the tier, and a key is issued. */
async function prepare({ control, assembled }: Running): Promise<string> {
  const waiting = await listReviews(assembled.db, server);
  const all = waiting.map(({ tool, digest }) => ({ server, tool, digest, answer: "approve" as const }));
  const last = all.pop();
  // In one transaction: each by itself would have all rules compiled again.
  await assembled.db.transaction(async (tx) => {
    for (const one of all) await review(tx, systemClock, { ...one, by: people.ana });
  });
  if (last !== undefined) await reviewTool(control, person(people.ana), last);
  const asked = { agent, workflow, tier: 2, days: 7, reason: "the suite calls tools with effects" } as const;
  const { id } = await proposeTier(control, person(people.ana), asked);
  await signTier(control, person(people.bo), id);
  return (await issueFirstKey(control, { agent, environment: "sandbox" })).shownOnce.reveal();
}
