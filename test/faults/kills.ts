import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ActionView } from "@countersign/contract";
import { type OpenHall, type Point, points } from "../../packages/countersign/src/action/index.ts";
import { approve, pursue } from "./client.ts";
import type { Cluster } from "./environment.ts";
import { bury, inParallel, type Sizes, type Stage } from "./scenarios.ts";
import type { Order, ServerOrders } from "./server.ts";
import { call, until } from "./world.ts";

const leaseMs = 1000;

/** A server process of the harness's own. */
export interface ServerChild {
  readonly child: ChildProcess;
  ready: Promise<unknown>;
  order(order: Omit<Order, "id">): Promise<ActionView>;
  end(): Promise<void>;
}

export function startServer(orders: ServerOrders): ServerChild {
  const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)), [JSON.stringify(orders)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const waiting = new Map<number, { resolve: (view: ActionView) => void; reject: (fault: Error) => void }>();
  const gone = once(child, "exit");
  child.on("message", (message: { id?: number; view?: ActionView; fault?: string }) => {
    const asked = waiting.get(message.id ?? -1);
    if (message.view !== undefined) asked?.resolve(message.view);
    else asked?.reject(new Error(message.fault));
  });
  void gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error("the server is gone"));
  });
  let id = 0;
  return {
    child,
    ready: Promise.race([once(child, "message"), gone.then(() => Promise.reject(new Error("it did not start")))]),
    order(order) {
      const mine = ++id;
      return new Promise((resolve, reject) => {
        waiting.set(mine, { resolve, reject });
        child.send({ ...order, id: mine }, (error) => (error === null ? undefined : reject(error)));
      });
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await gone;
    },
  };
}

function ordersOf(stage: Stage): ServerOrders {
  const { databaseUrl, databaseAdminUrl } = stage;
  return { folder: stage.world.folder, databaseUrl, databaseAdminUrl, leaseMs };
}

function asHall(server: ServerChild, trap: Omit<Order, "id">): Pick<OpenHall, "submit"> {
  return { submit: async (_, submission) => ({ view: await server.order({ ...trap, submission }) }) };
}

/** `kill -9` of a whole server at every step, for a plain call, one with a key, and one that people approved. */
export async function kills(stage: Stage, sizes: Sizes): Promise<number> {
  const { base, caller } = stage.world;
  return inParallel(sizes, async (index) => {
    const point = points[index % points.length] ?? "before_intent";
    const kind = Math.floor(index / points.length) % 2 === 0 || point.endsWith("hold") ? "plain" : "held";
    const server = startServer(ordersOf(stage));
    await server.ready;
    const marker = `kill-${stage.next()}`;
    const isHeld = kind === "held" || point.endsWith("hold");
    const submission = call(isHeld ? "ask_put" : "put", { marker });
    if (kind === "held") {
      const held = await base.hall.submit(caller, submission, { waitMs: 0 });
      await approve({ ...base.control, hall: { ...base.hall, nudge: () => undefined } }, held.view.id);
      server.child.send({ id: 0, resume: held.view.id, at: point });
      await Promise.race([once(server.child, "exit"), sleep(3000)]);
      await pursue(undefined, base, caller, submission, stage.acks);
    } else {
      await pursue(asHall(server, { at: point }), base, caller, submission, stage.acks);
    }
    await server.end();
  });
}

/** A whole server that is stopped past its lease, at a step before or after its call, and goes on. */
export async function stops(stage: Stage, sizes: Sizes): Promise<number> {
  const { base, caller } = stage.world;
  return inParallel(sizes, async (index) => {
    const point: Point = index % 2 === 0 ? "after_intent" : "after_call";
    const server = startServer(ordersOf(stage));
    await server.ready;
    const marker = `stop-${stage.next()}`;
    const submission = call("put", { marker });
    const late = server.order({ submission, at: point, signal: "SIGSTOP" }).then(
      (view) => void stage.acks.push({ action: view.id, marker, state: view.state }),
      () => undefined,
    );
    await sleep(leaseMs + 300);
    await pursue(undefined, base, caller, submission, stage.acks);
    server.child.kill("SIGCONT");
    await Promise.race([late, sleep(15_000)]);
    await server.end();
  });
}

/** `kill -9` of PostgreSQL at every step, under a replica that goes on. */
export async function crashes(stage: Stage, sizes: Sizes, cluster: Cluster): Promise<number> {
  const { base, caller } = stage.world;
  return inParallel({ ...sizes, atOnce: 1 }, async (index) => {
    const point = points[index % points.length] ?? "before_intent";
    let back: Promise<void> | undefined;
    const replica = await stage.world.replica({
      ownPlane: true,
      at: (at) => {
        if (at === point) back ??= cluster.crash();
      },
    });
    const marker = `crash-${stage.next()}`;
    const submission = call(point.endsWith("hold") ? "ask_put" : "put", { marker });
    await pursue(replica.hall, base, caller, submission, stage.acks);
    await back;
    bury(stage, replica.close());
  });
}

/** PostgreSQL killed again and again under many callers; how long until calls go through again is measured. */
export async function load(
  stage: Stage,
  rounds: number,
  cluster: Cluster,
): Promise<{ calls: number; crashes: number; slowestRecoveryMs: number }> {
  const { base, caller } = stage.world;
  const other = await stage.world.replica({ ownPlane: true });
  let isOver = false;
  let calls = 0;
  const callers = Array.from({ length: 6 }, async (_, at) => {
    while (!isOver) {
      calls++;
      const hall = at % 2 === 0 ? base.hall : other.hall;
      await pursue(hall, base, caller, call("put", { marker: `load-${stage.next()}` }), stage.acks);
    }
  });
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    await sleep(1000);
    const since = performance.now();
    await cluster.crash();
    const probe = call("put", { marker: `load-${stage.next()}` });
    await until("a call that goes through", () => done(base.hall.submit(caller, probe)), 60_000);
    slowest = Math.max(slowest, performance.now() - since);
  }
  isOver = true;
  await Promise.all(callers);
  bury(stage, other.close());
  return { calls, crashes: rounds, slowestRecoveryMs: Math.round(slowest) };
}

function done(asked: ReturnType<OpenHall["submit"]>): Promise<boolean> {
  return asked.then(
    ({ view }) => view.state === "done",
    () => false,
  );
}
