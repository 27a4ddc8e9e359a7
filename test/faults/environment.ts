import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DbAddress } from "../../packages/countersign/src/db/address.ts";
import type { Db } from "../../packages/countersign/src/db/db.ts";
import { type Embedded, startEmbedded } from "../../packages/countersign/src/db/embedded.ts";
import { migrate } from "../../packages/countersign/src/db/migrate.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { type Recorder, readEffects } from "./recorder.ts";

/** Where a run of the harness finds its database: as the application, as the owner, and the port that proxies lead to. */
export interface Ground {
  readonly databaseUrl: string;
  readonly databaseAdminUrl: string;
  readonly port: number;
}

/** A PostgreSQL of the harness's own on a loopback port, which it may kill. */
export interface Cluster {
  readonly server: Embedded;
  readonly port: number;
  /** A migrated, empty database. */
  ground(name: string): Promise<Ground>;
  /** `kill -9`; resolves when it answers again. */
  crash(): Promise<void>;
  kill(): void;
  close(): Promise<void>;
}

export async function openCluster(folder?: string): Promise<Cluster> {
  const dataDir = folder ?? mkdtempSync(join(tmpdir(), "countersign-faults-pg-"));
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o755);
  const port = await freePort();
  const server = await startEmbedded({ dataDir, log: silent, maxConnections: 400, tcpPort: port });
  const admin = openDb({ ...server.admin, database: "postgres" }, { log: silent, max: 1 });
  const owner = openDb(server.owner, { log: silent, max: 2 });
  await migrate(owner);
  await owner.close();
  const kill = (): void => void process.kill(server.pid(), "SIGKILL");
  return {
    server,
    port,
    kill,
    async ground(name) {
      await admin.query(`create database ${name} template ${server.owner.database} owner ${server.owner.user}`);
      return { databaseUrl: urlAt(server.app, name), databaseAdminUrl: urlAt(server.owner, name), port };
    },
    async crash() {
      const before = server.pid();
      kill();
      await answers(server, before, admin);
    },
    async close() {
      await admin.close();
      await server.stop();
      if (folder === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function answers(server: Embedded, before: number, admin: Db): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    await sleep(20);
    if (server.pid() === before) continue;
    if (
      await admin.query("select 1").then(
        () => true,
        () => false,
      )
    )
      return;
  }
  throw new Error("the database did not come back");
}

export function urlAt(address: DbAddress, database: string, port = address.port): string {
  return `postgresql://${address.user}:${encodeURIComponent(address.password.reveal())}@127.0.0.1:${port}/${database}`;
}

/** The same address by way of another port. */
export function throughPort(url: string, port: number): string {
  const via = new URL(url);
  via.port = String(port);
  return via.href;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const at = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof at === "object" && at !== null ? at.port : 0;
}

/** Starts the upstream as a process of its own. */
export async function spawnRecorder(
  file: string,
  ledgerUrl?: string,
): Promise<Recorder & { readonly child: ChildProcess }> {
  writeFileSync(file, "", { flag: "a" });
  const child = fork(fileURLToPath(new URL("recorder-main.ts", import.meta.url)), [
    file,
    ...(ledgerUrl === undefined ? [] : [ledgerUrl]),
  ]);
  const [message] = (await once(child, "message")) as [{ url: string }];
  return {
    child,
    url: message.url,
    definitions: [],
    calls: () => 0,
    effects: () => readEffects(file),
    async close() {
      child.disconnect();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
