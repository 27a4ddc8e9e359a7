import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { type Ack, type Audited, audit } from "./audit.ts";
import { openCluster, spawnRecorder } from "./environment.ts";
import { call, openWorld, until } from "./world.ts";

export interface DiskReport extends Audited {
  readonly refused: number;
  readonly recoveredMs: number;
}

/** Fills the disk under PostgreSQL while calls go on, then frees it. A string says why that cannot be done here. */
export async function diskFull(calls: number): Promise<DiskReport | string> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-faults-disk-"));
  chmodSync(folder, 0o755);
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=420m,mode=0755", "tmpfs", disk], { stdio: "pipe" });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return "no tmpfs can be mounted here";
  }
  try {
    return await filled(folder, disk, calls);
  } finally {
    execFileSync("umount", ["-l", disk], { stdio: "pipe" });
    rmSync(folder, { recursive: true, force: true });
  }
}

async function filled(folder: string, disk: string, calls: number): Promise<DiskReport> {
  const cluster = await openCluster(join(disk, "data"));
  const ground = await cluster.ground("disk");
  const recorder = await spawnRecorder(join(folder, "effects.jsonl"), ground.databaseUrl);
  const world = await openWorld({ ...ground, recorder, timeoutMs: 600 });
  const owner = openDb(ground.databaseAdminUrl, { log: silent, max: 1 });
  const acks: Ack[] = [];
  let refused = 0;
  let count = 0;
  const once = async (): Promise<boolean> => {
    const marker = `disk-${++count}`;
    try {
      // Half a page of text that does not compress well, so that what is left of the disk is soon used.
      const value = Array.from({ length: 60 }, (_, at) => (count * 7919 + at * 104729).toString(36)).join(" ");
      const { view } = await world.base.hall.submit(world.caller, call("put", { marker, value }));
      acks.push({ action: view.id, marker, state: view.state });
      return view.state === "done";
    } catch {
      refused++;
      return false;
    }
  };
  for (let at = 0; at < calls; at++) await once();
  const ballast = fill(join(disk, "ballast"));
  for (let at = 0; at < calls * 400 && refused < calls; at += 20)
    await Promise.all(Array.from({ length: 20 }, () => once()));
  rmSync(ballast);
  const since = performance.now();
  await until("a call that goes through", once, 60_000);
  const recoveredMs = Math.round(performance.now() - since);
  await until("an end of what is open", () => noneRunning(owner), 30_000).catch(() => undefined);
  const audited = await audit(owner, recorder.effects(), acks);
  await owner.close();
  await world.close();
  await recorder.close();
  await cluster.close();
  return { ...audited, refused, recoveredMs };
}

/** Writes until nothing more goes on the disk. */
function fill(path: string): string {
  const fd = openSync(path, "w");
  const block = Buffer.alloc(65_536, 1);
  try {
    for (let at = 0; at < 16_384; at++) writeSync(fd, block);
  } catch {
    // Full: that is what it is for.
  }
  closeSync(fd);
  return path;
}

async function noneRunning(owner: ReturnType<typeof openDb>): Promise<boolean> {
  const { rowCount } = await owner.query(
    `select 1 from entry e where e.to_state = 'running'
       and not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1) limit 1`,
  );
  return rowCount === 0;
}
