import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { type Audited, audit, total } from "./audit.ts";
import { patienceMs } from "./client.ts";
import { type Ground, spawnRecorder } from "./environment.ts";
import type { Stage } from "./scenarios.ts";
import { openWorld, until } from "./world.ts";

/** A stage with its upstream and its audit. */
export interface OpenStage {
  readonly stage: Stage;
  /** Whether what happened so far holds a violation. */
  isBad(): Promise<boolean>;
  /** Waits for what is still open, compares the two records, and clears up. */
  close(): Promise<Audited>;
}

export async function openStage(ground: Ground): Promise<OpenStage> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-faults-stage-"));
  const recorder = await spawnRecorder(join(folder, "effects.jsonl"), ground.databaseUrl);
  const owner = openDb(ground.databaseAdminUrl, { log: silent, max: 2 });
  const world = await openWorld({ ...ground, recorder, timeoutMs: 600, calls: { perMinute: 10_000_000 } });
  let count = 0;
  const stage: Stage = { world, ...ground, acks: [], graves: new Set(), next: () => ++count };
  const look = (): Promise<Audited> => audit(owner, recorder.effects(), stage.acks);
  return {
    stage,
    isBad: async () => total((await look()).violations) > 0,
    async close() {
      await until("an end of what is open", () => noneOpen(owner), Math.min(patienceMs, 25_000)).catch(() => undefined);
      const audited = await look();
      await Promise.all(stage.graves);
      await world.close();
      await recorder.close();
      await owner.close();
      rmSync(folder, { recursive: true, force: true });
      return audited;
    },
  };
}

/** Nothing is open but questions to people. */
async function noneOpen(owner: ReturnType<typeof openDb>): Promise<boolean> {
  const { rowCount } = await owner.query(
    `select 1 from entry e where e.to_state in ('running', 'ready', 'unknown')
       and not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1) limit 1`,
  );
  return rowCount === 0;
}
