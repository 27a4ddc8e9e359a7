import { setTimeout as sleep } from "node:timers/promises";
import { cancelChannel } from "../action/index.ts";
import { watch } from "../db/listen.ts";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { type CredentialSet, loadCredentials } from "../identity/index.ts";
import type { Loaded, PlaneKeeper } from "./control.ts";
import { type LoadSources, loadPlane } from "./load-plane.ts";
import { proveTools } from "./prove-tools.ts";
import { planeChannel, readRevision } from "./sql.ts";
import type { UnprovenTool } from "./tool-proof.ts";

/** Longest time that a replica enforces what it last read. Then it executes nothing until it can read again. */
export const planeLeaseMs = 3_000;
const everyMs = 500;
/** Longer than a read takes where the database answers. */
const wakeMs = 2_000;
const mostLooks = 3;
const proveAgainMs = 10_000;

/** Keeps what is in force in memory: changed here at once, told of changes elsewhere, read again every half second. */
export async function keepPlane(sources: LoadSources, log: Log): Promise<PlaneKeeper> {
  const { db, clock } = sources;
  const heard: ((loaded: Loaded) => void)[] = [];
  const cancels: ((payload: string) => void)[] = [];
  let confirmedTick = clock.tick();
  let loaded = await loadPlane(sources, undefined);
  let credentials: CredentialSet = await loadCredentials(db, clock);
  let reading: Promise<void> | undefined;
  let again = false;
  // What this process tried to prove, by the rules and the tool's shape.
  const tried = new Set<string>();
  let proving: Promise<void> | undefined;
  let proveAgainTick = 0;
  let isClosed = false;

  async function read(): Promise<void> {
    // A load may take longer than the lease: what was loaded counts from when its revision was last seen in force.
    for (let looks = 1; looks <= mostLooks; looks++) {
      const asked = clock.tick();
      const [revision, fresh] = await Promise.all([readRevision(db), loadCredentials(db, clock, credentials)]);
      credentials = fresh;
      if (revision === loaded.revision) {
        confirmedTick = asked;
        proveNew();
        return;
      }
      loaded = await loadPlane(sources, loaded);
      confirmedTick = asked;
      for (const tell of heard) tell(loaded);
      proveNew();
    }
  }

  /** Off the way of every call: what was tried here once is tried again by the next start. */
  function proveNew(): void {
    const open = [...loaded.unproven.values()].filter((one) => !tried.has(nameOf(loaded, one)));
    if (proving !== undefined || isClosed || open.length === 0 || clock.tick() < proveAgainTick) return;
    const names = open.map((one) => nameOf(loaded, one));
    for (const name of names) tried.add(name);
    proving = proveTools(sources, loaded, open)
      .then(refresh)
      .catch((cause: unknown) => {
        for (const name of names) tried.delete(name);
        proveAgainTick = clock.tick() + proveAgainMs;
        log.warn({ cause: String(cause) }, "the invariants could not be proven of new tools; it is tried again");
      })
      .finally(() => {
        proving = undefined;
        if (!isClosed) proveNew();
      });
  }

  /** INVARIANT: resolves only after a read that began after the call, so that a change of the caller's is in it. */
  async function refresh(): Promise<void> {
    while (reading !== undefined) {
      again = true;
      await reading.catch(() => undefined);
      if (reading === undefined) break;
    }
    again = false;
    reading = read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  const watching = watch(db, planeChannel, {
    everyMs,
    log,
    onChange: () => (again ? undefined : refresh()),
    also: {
      [cancelChannel](payload) {
        for (const hear of cancels) hear(payload);
      },
    },
  });

  // Compiling may have taken longer than the lease: what was read before it is confirmed now, or nothing starts on it.
  await refresh();

  const isFresh = (): boolean => clock.tick() - confirmedTick <= planeLeaseMs;
  let waking: Promise<void> | undefined;
  const requireFresh = (): void => {
    if (isFresh()) return;
    throw new Problem("unavailable", "this replica cannot read what is in force, so it does nothing", {
      help: "the database does not answer; try again when it does",
    });
  };

  return {
    current() {
      requireFresh();
      return loaded.plane;
    },
    loaded() {
      requireFresh();
      return loaded;
    },
    credentials: () => credentials,
    async awake() {
      if (isFresh()) return;
      // Whoever asks says by itself that it could not be read.
      waking ??= refresh()
        .catch(() => undefined)
        .finally(() => {
          waking = undefined;
        });
      await Promise.race([waking, sleep(wakeMs, undefined, { ref: false })]);
    },
    refresh,
    async proven() {
      while (proving !== undefined) await proving;
    },
    onChange: (tell) => void heard.push(tell),
    onCancel: (hear) => void cancels.push(hear),
    close() {
      isClosed = true;
      return watching.stop();
    },
  };
}

function nameOf({ workspace }: Loaded, { tool, shape }: UnprovenTool): string {
  return `${workspace?.digest} ${tool} ${shape}`;
}
