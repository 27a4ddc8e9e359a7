import type { Log } from "./floor/log.ts";
import { createPace } from "./floor/pace.ts";
import { alertSharedKeys } from "./governance/alert-shared-keys.ts";
import type { Connected } from "./governance/connect-upstreams.ts";
import { finishErasures } from "./governance/finish-erasures.ts";
import { freezeCanaries } from "./governance/freeze-canaries.ts";
import { type Control, eraseOld, openSealing, type Sealing, voidGrants } from "./governance/index.ts";
import type { OpenLog } from "./governance/open-log.ts";
import { raiseAlerts } from "./governance/raise-alerts.ts";
import { raiseRevision } from "./governance/sql.ts";
import type { Keyring } from "./secrets/index.ts";

/** What every replica does by itself, from time to time; each undoes itself at the end. */
type Undo = (() => Promise<unknown>)[];

/** Lets every replica load what is in force anew. */
export async function bump(control: Control): Promise<void> {
  await control.parts.db.transaction((tx) => raiseRevision(tx));
  await control.keeper.refresh();
}

const observeEveryMs = 60_000;
const observeSoonMs = 1_000;

/** A workspace that was applied elsewhere brings its servers; each minute every server is asked again what it lists. */
export function keepObserving(control: Control, upstreams: Connected, log: Log, undo: Undo): void {
  let working: Promise<void> = Promise.resolve();
  const look = (only?: ReadonlySet<string>): void => {
    working = working
      .then(async () => {
        await upstreams.use(control.keeper.loaded().workspace?.toolsFiles ?? []);
        if (await upstreams.observe(only)) await bump(control);
      })
      .catch((cause: unknown) =>
        log.warn({ cause: String(cause) }, "upstream servers could not be asked; it is tried again"),
      );
  };
  /** What cannot be looked at keeps nothing else from it. */
  const none =
    (what: string) =>
    (cause: unknown): ReadonlySet<string> => {
      log.warn({ cause: String(cause) }, `${what} could not be looked at; it is tried again`);
      return new Set();
    };
  const lookAtCredentials = (): void => {
    working = working
      .then(async () => {
        const connections = await upstreams.lookAtConnections().catch(none("connections"));
        const secrets = await upstreams.lookAtSecrets().catch(none("secrets"));
        const changed = connections.union(secrets);
        if (changed.size > 0 && (await upstreams.observe(changed))) await bump(control);
      })
      .catch((cause: unknown) =>
        log.warn({ cause: String(cause) }, "upstream servers with other credentials could not be asked"),
      );
  };
  let digest = control.keeper.loaded().workspace?.digest;
  let stops = control.keeper.loaded().stops;
  control.keeper.onChange((loaded) => {
    const isLifted = stops.some(({ id }) => !loaded.stops.some((one) => one.id === id));
    if (loaded.workspace?.digest !== digest || isLifted) look();
    digest = loaded.workspace?.digest;
    stops = loaded.stops;
    lookAtCredentials();
  });
  // A server that says so is asked at once, and one that says so all the time once a second.
  const changed = new Set<string>();
  let soon: NodeJS.Timeout | undefined;
  upstreams.onToolsChanged((server) => {
    changed.add(server);
    soon ??= setTimeout(() => {
      soon = undefined;
      look(new Set(changed));
      changed.clear();
    }, observeSoonMs).unref();
  });
  const timer = setInterval(() => {
    lookAtCredentials();
    look();
  }, observeEveryMs);
  timer.unref();
  undo.push(async () => {
    clearInterval(timer);
    clearTimeout(soon);
    await working;
  });
}

const retentionEveryMs = 3_600_000;
const retentionFirstMs = 60_000;

/** Erases what workflows keep no longer; at the start also what a crash left half erased. */
export function keepRetention(control: Control, undo: Undo): void {
  const pace = createPace();
  let working: Promise<unknown> = finishErasures(control.parts).catch((cause: unknown) =>
    control.parts.log.warn({ cause: String(cause) }, "an erasure could not be finished yet"),
  );
  const look = (): void => {
    working = eraseOld(control, pace).catch((cause: unknown) =>
      control.parts.log.warn({ cause: String(cause) }, "retention could not go on; it is tried again"),
    );
  };
  const first = setTimeout(look, retentionFirstMs);
  const timer = setInterval(look, retentionEveryMs);
  first.unref();
  timer.unref();
  undo.push(async () => {
    pace.stop();
    clearTimeout(first);
    clearInterval(timer);
    await working;
  });
}

const sealingEveryMs = 15_000;

/** Goes on with a rotation of the sealing key that a crash broke off, or that waited for another replica. */
export function keepSealing(control: Control, keyring: Keyring, undo: Undo): Sealing {
  const pace = createPace();
  const sealing = openSealing(control, keyring, pace);
  let working: Promise<void> = Promise.resolve();
  const look = (): void => {
    working = sealing
      .finish()
      .catch((cause: unknown) =>
        control.parts.log.warn(
          { cause: String(cause) },
          "what an older key sealed is not sealed anew yet; it is tried again",
        ),
      );
  };
  look();
  const timer = setInterval(look, sealingEveryMs);
  timer.unref();
  undo.push(async () => {
    pace.stop();
    clearInterval(timer);
    await working;
    await sealing.finish().catch(() => undefined);
  });
  return sealing;
}

const alertEveryMs = 15_000;

export function keepAlerting(control: Control, book: OpenLog, undo: Undo): void {
  const known = new Map();
  let working: Promise<void> = Promise.resolve();
  const look = (): void => {
    const tell = (what: string) => (cause: unknown) =>
      control.parts.log.warn({ cause: String(cause) }, `${what}; it is tried again`);
    working = Promise.all([
      raiseAlerts(control, book.sequencer.status(), known).catch(tell("alerts could not be looked for")),
      alertSharedKeys(control).catch(tell("keys with two users could not be looked for")),
      voidGrants(control).catch(tell("grants of people who left could not be ended")),
    ]).then(() => undefined);
  };
  const timer = setInterval(look, alertEveryMs);
  timer.unref();
  undo.push(async () => {
    clearInterval(timer);
    await working;
  });
}

const freezeEveryMs = 1_000;
const freezeAnywayMs = 60_000;

/** A stop that was taken or lifted elsewhere, or whose time is over, freezes what is seeded or lets it go. */
export function keepFrozen(control: Control, undo: Undo): void {
  const { clock, ledger, log } = control.parts;
  let last: { readonly stops: string; readonly tick: number } | undefined;
  let working: Promise<void> = Promise.resolve();
  let isBusy = false;
  const look = async (): Promise<void> => {
    const inForce = control.keeper.loaded().stops.filter(({ untilMs }) => untilMs === null || ledger.now() < untilMs);
    const [stops, tick] = [inForce.map(({ id }) => id).join(), clock.tick()];
    if (last?.stops === stops && tick - last.tick < freezeAnywayMs) return;
    await freezeCanaries(control);
    last = { stops, tick };
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    working = look()
      .catch((cause: unknown) =>
        log.warn({ cause: String(cause) }, "what is seeded could not be frozen or let go; it is tried again"),
      )
      .finally(() => {
        isBusy = false;
      });
  }, freezeEveryMs);
  timer.unref();
  undo.push(async () => {
    clearInterval(timer);
    await working;
  });
}
