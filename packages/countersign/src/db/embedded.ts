import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { addressOf, appRole, type DbAddress, databaseName, ownerRole } from "./address.ts";
import { findPackage, placeBinaries } from "./embedded/binaries.ts";
import { binaryHomes, type Keys, layOut, openFolder, readKeys } from "./embedded/folder.ts";
import { checkMajor, initialise } from "./embedded/initialise.ts";
import { keepRunning } from "./embedded/keep-running.ts";
import { type LaunchPlan, launch } from "./embedded/launch.ts";
import { lockFolder } from "./embedded/lock.ts";
import { findServerUser } from "./embedded/server-user.ts";
import type { Listening } from "./embedded/settings.ts";

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** The npm package that brings the binaries; by default that of this platform. */
  readonly package?: string;
  readonly log: Log;
  /** Listens on this port of 127.0.0.1 and on no socket. Windows has to. */
  readonly tcpPort?: number;
  readonly maxConnections?: number;
}

export interface Embedded {
  /** Migrates; owns every table. */
  readonly owner: DbAddress;
  /** Normal work; no UPDATE or DELETE on append-only tables. */
  readonly app: DbAddress;
  /** The cluster's superuser; for tests and repairs. */
  readonly admin: DbAddress;
  readonly adopted: boolean;
  readonly version: string;
  pid(): number;
  stop(): Promise<void>;
}

/** Starts a real PostgreSQL of our own in `dataDir`, or adopts the one that a killed process left there. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const user = findServerUser();
  const root = openFolder(options.dataDir, user);
  const lock = await lockFolder(root);
  try {
    const found = findPackage(options.package);
    const layout = layOut(root, user);
    checkMajor(layout.cluster, found.major);
    const binaries = placeBinaries(found, user, binaryHomes(root, user));
    const keys = readKeys(root);
    await initialise(layout.cluster, binaries, user, keys.admin);
    const listening = await chooseListening(layout.sockets, options.tcpPort);
    const plan: LaunchPlan = {
      layout,
      binaries,
      user,
      listening,
      maxConnections: options.maxConnections ?? 100,
      log: options.log,
      answers: (place) => letsIn(adminOf(place, keys)),
    };
    const running = await launch(plan);
    await prepareRoles(adminOf(running.listening, keys), keys);
    const kept = keepRunning(plan, running);
    const place = placeOf(running.listening);
    return {
      owner: addressOf(place, databaseName, ownerRole, keys.owner),
      app: addressOf(place, databaseName, appRole, keys.app),
      admin: adminOf(running.listening, keys),
      adopted: running.adopted,
      version: binaries.version,
      pid: kept.pid,
      async stop() {
        await kept.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Node has no unix sockets on Windows: there it is a free port of loopback. */
async function chooseListening(folder: string, tcpPort: number | undefined): Promise<Listening> {
  if (tcpPort !== undefined) return { kind: "tcp", port: tcpPort };
  if (process.platform !== "win32") return { kind: "socket", folder };
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const at = probe.address();
  probe.close();
  await once(probe, "close");
  return { kind: "tcp", port: typeof at === "object" && at !== null ? at.port : 5432 };
}

const placeOf = (listening: Listening) =>
  listening.kind === "tcp" ? { host: "127.0.0.1", port: listening.port } : { host: listening.folder, port: 5432 };

const adminOf = (listening: Listening, keys: Keys) => addressOf(placeOf(listening), "postgres", "postgres", keys.admin);

/** Tries until the server answers, also through its recovery; false once it is clear that nobody listens there. */
async function letsIn(address: DbAddress): Promise<boolean> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      await withClient(address, (client) => client.query("select 1"));
      return true;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (tries > 20 && (code === "ENOENT" || code === "ECONNREFUSED")) return false;
      if (code === "28P01" || code === "28000")
        throw new Problem("unavailable", "the embedded postgres does not accept the password of its folder", {
          help: "put back the `database-keys.json` that belongs to this folder",
        });
      await sleep(100);
    }
  }
  return false;
}

async function withClient<T>(address: DbAddress, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...address, password: address.password.reveal(), connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function prepareRoles(admin: DbAddress, keys: Keys): Promise<void> {
  await withClient(admin, async (client) => {
    const known = await client.query<{ name: string }>(
      "select rolname as name from pg_roles union all select datname from pg_database",
    );
    const names = new Set(known.rows.map((row) => row.name));
    if (!names.has(appRole)) await client.query(`create role ${appRole} login password '${keys.app}'`);
    // The database has its owner's name: it exists only when the roles do.
    const owner = await client.query("select 1 from pg_roles where rolname = $1", [ownerRole]);
    if (owner.rowCount === 0) await client.query(`create role ${ownerRole} login password '${keys.owner}'`);
    const database = await client.query("select 1 from pg_database where datname = $1", [databaseName]);
    if (database.rowCount === 0) await client.query(`create database ${databaseName} owner ${ownerRole}`);
  });
}
