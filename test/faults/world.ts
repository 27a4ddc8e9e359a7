import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenHall, openHall, type Parts, type Submission } from "../../packages/countersign/src/action/index.ts";
import { createWatch } from "../../packages/countersign/src/action/watch.ts";
import { type Assembled, assemble } from "../../packages/countersign/src/assemble.ts";
import { listReviews } from "../../packages/countersign/src/catalog/index.ts";
import { readConfig } from "../../packages/countersign/src/config.ts";
import { createBudget } from "../../packages/countersign/src/costs/index.ts";
import type { Db } from "../../packages/countersign/src/db/db.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import type { Connector } from "../../packages/countersign/src/execution/connector.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { createLog, type Log, silent } from "../../packages/countersign/src/floor/log.ts";
import {
  applyWorkspace,
  type Control,
  keepPlane,
  type PlaneKeeper,
  planWorkspace,
  proposeTier,
  reviewTool,
  signProposal,
  signTier,
} from "../../packages/countersign/src/governance/index.ts";
import type { Caller } from "../../packages/countersign/src/identity/caller.ts";
import { openLedger } from "../../packages/countersign/src/ledger/ledger.ts";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { type Recorder, startRecorder } from "./recorder.ts";
import { agent, ana, bo, server, type WorkspaceOptions, workflow, writeWorkspace } from "./workspace.ts";

/** A replica of the product on the world's database, without doors. */
export interface Replica {
  readonly parts: Parts;
  readonly hall: OpenHall;
  readonly control: Control;
  close(): Promise<void>;
}

export interface ReplicaOptions {
  readonly at?: Parts["at"];
  readonly leaseMs?: number;
  readonly connector?: Connector;
  /** The replica's own way to the database: through a proxy, for one. */
  readonly url?: string;
  /** Reads what is in force by itself, as another process does; otherwise it shares the world's. */
  readonly ownPlane?: boolean;
  readonly log?: Log;
}

export interface World {
  readonly base: Assembled;
  readonly recorder: Recorder;
  readonly caller: Caller;
  readonly folder: string;
  readonly file: string;
  replica(options?: ReplicaOptions): Promise<Replica>;
  /** Ends what the replicas opened so far do by themselves, so that a crippled one takes nothing up that comes later. */
  rest(): Promise<void>;
  /** Puts a changed workspace in force, as two people do. */
  apply(change: Partial<WorkspaceOptions>): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<WorkspaceOptions> {
  readonly url?: never;
  readonly databaseUrl: string;
  readonly databaseAdminUrl: string;
  readonly at?: Parts["at"];
  readonly leaseMs?: number;
  readonly checking?: Parts["checking"];
  /** Asks the ledger at each effect whether its intent is there. */
  readonly asksLedger?: boolean;
  /** An upstream that runs already. */
  readonly recorder?: Recorder;
}

export const nothing: Parts["tally"] = { moved() {}, took() {} };

const log: Log = process.env.FAULTS_LOG === undefined ? silent : createLog("warn");

/** One assembled product with an upstream that writes down its effects; more replicas at will. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-faults-"));
  const file = join(folder, "effects.jsonl");
  const recorder =
    options.recorder ?? (await startRecorder(file, options.asksLedger === true ? options.databaseUrl : undefined));
  writeWorkspace(join(folder, "workspace"), { ...options, url: recorder.url });
  const instead = {
    ...(options.at === undefined ? {} : { at: options.at }),
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    ...(options.checking === undefined ? {} : { checking: options.checking }),
  };
  const base = await assemble({
    config: configOf(folder, options),
    clock: systemClock,
    log,
    tally: nothing,
    instead,
  });
  await prepare(base);
  const caller = callerOf(base.control);
  const closing: (() => Promise<void>)[] = [];
  const awake: Replica[] = [];
  return {
    base,
    recorder,
    caller,
    folder,
    file,
    async replica(more = {}) {
      const made = await openReplica(base, options.databaseUrl, more);
      closing.push(made.close);
      awake.push(made);
      return made;
    },
    async rest() {
      await Promise.all(awake.splice(0).map(({ hall }) => hall.drain(0)));
    },
    async apply(change) {
      writeWorkspace(join(folder, "workspace"), { ...change, url: recorder.url });
      const { files } = await read(join(folder, "workspace"));
      const { plan } = await planWorkspace(base.control, base.sources, files);
      if (plan.from === plan.to) return;
      const asked = await applyWorkspace(base.control, base.sources, ana, files);
      if (asked.inForce) throw new Error("one person was enough");
      await signProposal(base.control, base.sources, bo, asked.proposal, plan.to);
    },
    async close() {
      await Promise.all(closing.map((close) => close()));
      await base.close();
      if (options.recorder === undefined) await recorder.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function configOf(folder: string, options: Pick<WorldOptions, "databaseUrl" | "databaseAdminUrl">) {
  return readConfig({
    COUNTERSIGN_DATA: join(folder, "data"),
    COUNTERSIGN_WORKSPACE: join(folder, "workspace"),
    COUNTERSIGN_DRAIN_SECONDS: "5",
    DATABASE_URL: options.databaseUrl,
    DATABASE_ADMIN_URL: options.databaseAdminUrl,
  });
}

/** Reviews the upstream's tools and signs the tier, as two people would. */
export async function prepare({ control, db }: Assembled): Promise<void> {
  for (const open of await listReviews(db, server)) {
    await reviewTool(control, ana, { server, tool: open.tool, digest: open.digest, answer: "approve" });
  }
  if (control.keeper.loaded().waivers.length > 0) return;
  const { id } = await proposeTier(control, ana, { agent, workflow, tier: 2, days: 7, reason: "to be crashed" });
  await signTier(control, bo, id);
}

export function callerOf(control: Control, environment = "sandbox"): Caller {
  const known = control.keeper.current().caller(agent, workflow);
  if (known === undefined) throw new Error("the agent is not in force");
  return { kind: "agent", agent, workflow, credential: "key_faults", environment, ...known };
}

async function openReplica(base: Assembled, url: string, options: ReplicaOptions): Promise<Replica> {
  const shared = base.control.parts;
  const own = options.log ?? log;
  const db: Db = openDb(options.url ?? url, { log: own, max: 6 });
  const leaseMs = options.leaseMs;
  const ledger = await openLedger({
    db,
    clock: systemClock,
    log: own,
    host: "replica",
    ...(leaseMs === undefined ? {} : { leaseMs }),
  });
  const keeper: PlaneKeeper =
    options.ownPlane === true
      ? await keepPlane({ ...base.sources, db, now: () => ledger.now() }, own)
      : base.control.keeper;
  const parts: Parts = {
    ...shared,
    db,
    ledger,
    plane: keeper,
    budget: createBudget(db),
    log: own,
    connector: options.connector ?? shared.connector,
    watch: createWatch(),
    inFlight: new Map(),
    delivering: new Map(),
    at: options.at ?? (() => undefined),
  };
  const hall = openHall(parts);
  return {
    parts,
    hall,
    control: { parts, hall, keeper },
    async close() {
      await hall.drain(500).catch(() => undefined);
      if (options.ownPlane === true) await keeper.close().catch(() => undefined);
      await ledger.close().catch(() => undefined);
      await db.close().catch(() => undefined);
    },
  };
}

/** A call of one of the upstream's tools, as a door hands it in. */
export function call(tool: string, args: Record<string, string>, more: Partial<Submission> = {}): Submission {
  return {
    server,
    tool,
    method: "tools/call",
    params: { name: tool, arguments: args },
    args,
    door: "mcp",
    ...more,
  };
}

/** Polls until it holds; the message says what did not come to be. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
