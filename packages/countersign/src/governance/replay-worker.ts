import { parentPort, workerData } from "node:worker_threads";
import { openDb } from "../db/pool.ts";
import { systemClock } from "../floor/clock.ts";
import { silent } from "../floor/log.ts";
import { Secret } from "../floor/secret.ts";
import { differingNeeds } from "../policy/trial/differing-needs.ts";
import type { CountedCall } from "../policy/trial/windows-of.ts";
import { createSealer } from "../secrets/sealer.ts";
import type { Apart } from "./apart.ts";
import { type ReplaySets, replaying } from "./replay-decisions.ts";
import { type CountTask, countPage, type PageTask, type ReplayFilter, replayPage } from "./replay-page.ts";
import type { Replayed } from "./replayed.ts";

export interface ReplayOrder {
  readonly apart: Apart;
  readonly sets: ReplaySets;
  readonly filter: ReplayFilter;
}

export interface Asked {
  readonly id: number;
  readonly task: PageTask | CountTask;
}

export type Answered =
  | { readonly id: number; readonly found: Replayed | readonly CountedCall[] }
  | { readonly id: number; readonly fault: string };

const { apart, sets, filter } = workerData as ReplayOrder;
const { database } = apart;
const at = typeof database === "string" ? database : { ...database, password: new Secret(database.password) };
const opening = openDb(at, { log: silent, max: 1, name: "countersign simulation" }).connect();
opening.catch(() => undefined);
const wrap = createSealer(apart.keys);
const { tick } = systemClock;
const begin = replaying(sets, tick);
const differing = differingNeeds(sets.inForce, sets.draft);

async function answer({ id, task }: Asked): Promise<Answered> {
  try {
    const session = await opening;
    const source = { session, wrap, filter, tick };
    const found = "bounds" in task ? replayPage(source, begin, task) : countPage(source, differing, task);
    return { id, found: await found };
  } catch (thrown) {
    return { id, fault: String(thrown) };
  }
}

let last: Promise<unknown> = Promise.resolve();
parentPort?.on("message", (asked: Asked) => {
  last = last.then(async () => parentPort?.postMessage(await answer(asked)));
});
