import { setTimeout as sleep } from "node:timers/promises";
import { type Point, points, type Submission } from "../../packages/countersign/src/action/index.ts";
import { resume } from "../../packages/countersign/src/action/resume.ts";
import type { Ack } from "./audit.ts";
import { approve, pursue } from "./client.ts";
import { throughPort } from "./environment.ts";
import { type CutAt, type FaultProxy, openProxy } from "./proxy.ts";
import { call, type Replica, until, type World } from "./world.ts";

/** What every scenario is given: a world with one replica that lives, and a place for what clients were told. */
export interface Stage {
  readonly world: World;
  readonly databaseUrl: string;
  readonly databaseAdminUrl: string;
  readonly port: number;
  readonly acks: Ack[];
  /** Replicas on their way out. */
  readonly graves: Set<Promise<void>>;
  /** Rises with each call, so that no two share a marker. */
  next(): number;
}

export interface Sizes {
  readonly points: number;
  readonly atOnce: number;
}

class Cut extends Error {}

const leaseMs = 500;

/** How many replicas may be closing at once: each still holds its connections. */
const mostDying = 40;

export function bury(stage: Stage, closing: Promise<void>): void {
  const grave = closing.catch(() => undefined).finally(() => stage.graves.delete(grave));
  stage.graves.add(grave);
}

/** A replica whose only way to the database can be cut. */
async function fragile(
  stage: Stage,
  at: (point: Point, proxy: FaultProxy, replica: Replica) => void | Promise<void>,
): Promise<{ replica: Replica; proxy: FaultProxy; gone: () => Promise<void> }> {
  while (stage.graves.size >= mostDying) await Promise.race(stage.graves);
  const proxy = await openProxy(stage.port);
  let made: Replica | undefined;
  const replica = await stage.world.replica({
    url: throughPort(stage.databaseUrl, proxy.port),
    leaseMs,
    at: (point) => (made === undefined ? undefined : at(point, proxy, made)),
  });
  made = replica;
  // What is dead takes its time to notice; nobody waits for it.
  const gone = async (): Promise<void> => {
    proxy.cut();
    bury(
      stage,
      replica.close().then(() => proxy.close()),
    );
  };
  return { replica, proxy, gone };
}

const variants = ["plain", "key", "held", "reply lost"] as const;
type Variant = (typeof variants)[number];

function submissionOf(variant: Variant, marker: string): Submission {
  if (variant === "key") return call("put", { marker }, { idempotencyKey: marker });
  if (variant === "held") return call("ask_put", { marker });
  return call("put", variant === "reply lost" ? { marker, how: "cut_after" } : { marker });
}

/** Makes a held action whose approval is there, and lets this replica be the one that takes it up. */
async function heldFor(stage: Stage, replica: Replica, submission: Submission): Promise<void> {
  const { hall } = stage.world.base;
  const held = await hall.submit(stage.world.caller, submission, { waitMs: 0 });
  stage.acks.push({ action: held.view.id, marker: String(submission.args.marker), state: held.view.state });
  const quiet = { ...stage.world.base.control, hall: { ...hall, nudge: () => undefined } };
  await approve(quiet, held.view.id);
  await resume(replica.parts, held.view.id);
}

/** Cuts both ways at boundary k, as a crash does, for each kind of call; the client goes on with a replica that lives. */
export async function cuts(stage: Stage, sizes: Sizes): Promise<number> {
  return inParallel(sizes, (index) => {
    const point = points[index % points.length] ?? "before_intent";
    const variant = variants[Math.floor(index / points.length) % variants.length] ?? "plain";
    // Only a held call is held: the others go past those two boundaries.
    return tried(`${point} ${variant}`, () => cut(stage, point, point.endsWith("hold") ? "held" : variant));
  });
}

/** Whether the boundary was reached. */
async function cut(stage: Stage, point: Point, variant: Variant): Promise<boolean> {
  let isCut = false;
  const { replica, gone } = await fragile(stage, (at, proxy) => {
    if (at !== point || isCut) return;
    isCut = true;
    proxy.cut();
    throw new Cut(at);
  });
  const submission = submissionOf(variant, `cut-${stage.next()}`);
  if (point.endsWith("hold"))
    await replica.hall.submit(stage.world.caller, submission, { waitMs: 0 }).catch(() => undefined);
  await through(stage, replica, variant, submission);
  await gone();
  return isCut || point === "before_answer";
}

/** On a busy machine a replica with so short a lease may lose it before it comes to the step: then another is sent. */
async function tried(what: string, once: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 30; tries++) {
    if (await once()) return;
    await sleep(500);
  }
  throw new Error(`no replica came as far as where it was to be cut: ${what}`);
}

async function through(stage: Stage, replica: Replica, variant: Variant, submission: Submission): Promise<void> {
  const { base, caller } = stage.world;
  if (variant === "held") await heldFor(stage, replica, submission).catch(() => undefined);
  await pursue(variant === "held" ? undefined : replica.hall, base, caller, submission, stage.acks);
}

const around: readonly Point[] = ["before_intent", "after_call", "before_hold"];
const whens: readonly CutAt[] = ["after", "before", "late"];

/** Cuts around a commit of the ledger: the reply is lost, the write is lost, or it comes when nobody waits for it. */
export async function commits(stage: Stage, sizes: Sizes): Promise<number> {
  return inParallel(sizes, (index) => {
    const when = whens[index % whens.length] ?? "after";
    const point = around[Math.floor(index / whens.length) % around.length] ?? "before_intent";
    return tried(`${when} the commit, ${point}`, () => cutCommit(stage, point, when));
  });
}

/** Whether the write came by and was cut. */
async function cutCommit(stage: Stage, point: Point, when: CutAt): Promise<boolean> {
  const { base, caller } = stage.world;
  let isArmed = false;
  const { replica, proxy, gone } = await fragile(stage, (at, way) => {
    if (at !== point || isArmed) return;
    isArmed = true;
    way.arm(when);
  });
  const variant: Variant = point === "before_hold" ? "held" : "plain";
  await pursue(replica.hall, base, caller, submissionOf(variant, `commit-${stage.next()}`), stage.acks);
  await gone();
  return isArmed && proxy.fired();
}

/** A replica that is paused past its lease and comes back: before it sends, or with its answer in hand. */
export async function pauses(stage: Stage, sizes: Sizes): Promise<number> {
  return inParallel(sizes, (index) => {
    return tried("pause", () => paused(stage, index % 2 === 0 ? "after_intent" : "after_call"));
  });
}

/** Whether it came to the pause. */
async function paused(stage: Stage, point: Point): Promise<boolean> {
  const { base, caller } = stage.world;
  const submission = submissionOf("plain", `pause-${stage.next()}`);
  const marker = String(submission.args.marker);
  let isPaused = false;
  let isOver = false;
  const { replica, gone } = await fragile(stage, async (at, proxy, self) => {
    if (at !== point || isPaused) return;
    isPaused = true;
    proxy.cut();
    // Until the others have taken over, and have told their client what came of it.
    await until("what the others make of it", () => isTold(stage, marker), 60_000);
    await sleep(1200);
    proxy.heal();
    await until("its being back", () => self.parts.ledger.alive(), 20_000);
  });
  const late = replica.hall
    .submit(caller, submission)
    .then(
      ({ view }) => void stage.acks.push({ action: view.id, marker, state: view.state }),
      () => undefined,
    )
    .finally(() => {
      isOver = true;
    });
  await until("the pause", () => isPaused || isOver, 60_000);
  await pursue(undefined, base, caller, submission, stage.acks);
  await late;
  await gone();
  return isPaused;
}

function isTold(stage: Stage, marker: string): boolean {
  return stage.acks.some((ack) => ack.marker === marker && (ack.state === "failed" || ack.state === "done"));
}

/** The same call from many hands at once, on two replicas, and the same approval from many people. */
export async function races(stage: Stage, sizes: Sizes): Promise<number> {
  const { base, caller } = stage.world;
  const other = await stage.world.replica();
  const count = await inParallel(sizes, async (index) => {
    if (index % 2 === 0) {
      const submission = call("put", { marker: `race-${stage.next()}`, how: "slow:40" });
      const halls = [base.hall, other.hall, base.hall, other.hall];
      await Promise.all(halls.map((hall) => pursue(hall, base, caller, submission, stage.acks)));
      return;
    }
    const submission = call("ask_put", { marker: `race-${stage.next()}` });
    const held = await base.hall.submit(caller, submission, { waitMs: 0 }).catch(() => undefined);
    if (held !== undefined) {
      // Looked at before anybody has answered: that must not be enough.
      for (const { control } of [base, other]) await resume(control.parts, held.view.id);
      await Promise.all([base, other, base, other].map(({ control }) => approve(control, held.view.id)));
    }
    await pursue(undefined, other, caller, submission, stage.acks);
  });
  await other.close();
  return count;
}

const hows = ["cut_after", "cut_before", "slow:3000", "hang"] as const;

/** The upstream commits and breaks the line, breaks it first, is late, or says nothing at all. */
export async function upstreams(stage: Stage, sizes: Sizes): Promise<number> {
  const { base, caller } = stage.world;
  return inParallel(sizes, async (index) => {
    const how = hows[index % hows.length] ?? "cut_after";
    const marker = `upstream-${stage.next()}`;
    const first = await base.hall.submit(caller, call("put", { marker, how }));
    stage.acks.push({ action: first.view.id, marker, state: first.view.state });
    if (how === "cut_after" || how === "slow:3000") {
      await pursue(undefined, base, caller, call("put", { marker, how }), stage.acks);
      return;
    }
    await until("its settling", async () => (await base.hall.get(caller, first.view.id)).state !== "unknown", 60_000);
  });
}

/** Runs `points` pieces of work, `atOnce` at a time; how many ran. */
export async function inParallel(sizes: Sizes, work: (index: number) => Promise<void>): Promise<number> {
  let index = 0;
  const hand = async (): Promise<void> => {
    for (let mine = index++; mine < sizes.points; mine = index++) await work(mine);
  };
  await Promise.all(Array.from({ length: Math.min(sizes.atOnce, sizes.points) }, hand));
  return sizes.points;
}

export const scenarios = { cuts, commits, pauses, races, upstreams } as const;
export type ScenarioName = keyof typeof scenarios;
