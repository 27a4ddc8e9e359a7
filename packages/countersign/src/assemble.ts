import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { createWatch, findableOf, type OpenHall, openHall, type Parts, type Tally } from "./action/index.ts";
import { readRestoredNote, removeRestoredNote } from "./backup/index.ts";
import { loadPacks } from "./catalog/index.ts";
import { createChecks } from "./checks/index.ts";
import { type Config, defaultPort } from "./config.ts";
import { createBudget } from "./costs/index.ts";
import { type Db, migrate, openDb, requireDurable, startEmbedded } from "./db/index.ts";
import type { Clock } from "./floor/clock.ts";
import type { Log } from "./floor/log.ts";
import { createPace } from "./floor/pace.ts";
import { Problem } from "./floor/problem.ts";
import { type Connected, connectUpstreams } from "./governance/connect-upstreams.ts";
import { finishErasures } from "./governance/finish-erasures.ts";
import {
  applyFirst,
  type Control,
  eraseOld,
  keepPlane,
  type LoadSources,
  openSealing,
  type PlaneKeeper,
  type Sealing,
} from "./governance/index.ts";
import { noteRestored } from "./governance/note-restored.ts";
import { type OpenLog, openLog } from "./governance/open-log.ts";
import { raiseAlerts } from "./governance/raise-alerts.ts";
import { raiseRevision } from "./governance/sql.ts";
import { openLedger } from "./ledger/ledger.ts";
import { hasKeys } from "./ledger/sql.ts";
import { type IndexKeeper, keepIndex, openTermKey } from "./lookup/index.ts";
import {
  createIssued,
  createLeases,
  createSealedStore,
  type Keyring,
  type Leases,
  openKeyring,
  type SealedStore,
} from "./secrets/index.ts";
import { read, type Workspace, type WorkspaceFiles } from "./workspace/index.ts";

export interface AssembleOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  /** Crash tests and benches put their own parts in here; the product passes none. */
  readonly instead?: Partial<Pick<Parts, "at" | "connector" | "checking">> & {
    readonly wrapPlane?: (keeper: PlaneKeeper) => PlaneKeeper;
    readonly leaseMs?: number;
  };
}

/** The plane without its doors: everything that an action passes. */
export interface Assembled {
  readonly control: Control;
  readonly hall: OpenHall;
  readonly db: Db;
  /** The signed log over everything that was written. */
  readonly book: OpenLog;
  /** What finds actions by what somebody pasted. */
  readonly index: IndexKeeper;
  /** The key that seals what is private. */
  readonly sealing: Sealing;
  readonly sources: LoadSources;
  readonly upstreams: Connected;
  readonly store: SealedStore;
  readonly keyring: Keyring;
  readonly leases: Leases;
  /** What the embedded server was, where it was started. */
  readonly postgres: string;
  /** True where this start put the first workspace in force. */
  readonly first: boolean;
  close(): Promise<void>;
}

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** Puts the rooms together, from the database up. What fails here leaves nothing running. */
export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const { config, clock, log } = options;
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) {
      await step().catch((cause: unknown) => log.warn({ cause: String(cause) }, "a part did not close cleanly"));
    }
  };
  try {
    mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
    const { db, postgres } = await openStorage(config, log, undo);
    const keyring = await openKeyring({
      dataDir: config.dataFolder,
      // A second key would open nothing of what is there, and hide that the first is lost.
      mayCreate: !(await hasKeys(db)),
      ...(config.ageIdentityFile === undefined ? {} : { identityFile: config.ageIdentityFile }),
    });
    const issued = createIssued();
    const leases = createLeases(clock, issued);
    const store = createSealedStore({ db, keyring, tenant: "default", leases });
    const leaseMs = options.instead?.leaseMs;
    const ledger = await openLedger({
      db,
      clock,
      log,
      host: hostname(),
      sealingKey: () => keyring.sealer.keyId,
      ...(leaseMs === undefined ? {} : { leaseMs }),
    });
    undo.push(() => ledger.close());
    const packs = await loadPacks();
    let keeper: PlaneKeeper | undefined;
    const upstreams = connectUpstreams({
      db,
      clock,
      log,
      store,
      packs,
      folder: config.workspaceFolder,
      packageFolders: [packageFolder],
      inherit: config.inherit,
      publicUrl: () => publicUrlOf(config, keeper?.loaded().workspace),
    });
    undo.push(() => upstreams.close());
    const sources: LoadSources = {
      db,
      clock,
      packs,
      definitions: () => upstreams.definitions(),
      folder: config.workspaceFolder,
      now: () => ledger.now(),
    };
    const plain = await keepPlane(sources, log);
    undo.push(() => plain.close());
    keeper = options.instead?.wrapPlane?.(plain) ?? plain;
    const checks = createChecks({ known: issued, clock });
    const wrap = {
      seal: (bytes: Uint8Array, aad: string) => keyring.sealer.seal(bytes, aad),
      open: (bytes: Uint8Array, aad: string) => keyring.sealer.open(bytes, aad),
    };
    const terms = await openTermKey(db, wrap);
    const parts: Parts = {
      db,
      ledger,
      wrap,
      terms,
      plane: keeper,
      connector: options.instead?.connector ?? upstreams,
      checking: options.instead?.checking ?? {
        run: (names, input) => checks.run(names, input),
        redact: (value) => checks.redact(value),
      },
      budget: createBudget(db),
      clock,
      log,
      watch: createWatch(),
      inFlight: new Map(),
      delivering: new Map(),
      at: options.instead?.at ?? (() => undefined),
      tally: options.tally,
    };
    const hall = openHall(parts);
    undo.push(() => hall.drain(config.drainMs));
    const control: Control = { parts, hall, keeper };
    await upstreams.use(keeper.loaded().workspace?.toolsFiles ?? []);
    const first = await applyWhereEmpty(control, sources, config, upstreams);
    // Compiling may have held this process longer than what it read is good for.
    await keeper.refresh();
    const restored = readRestoredNote(config.dataFolder);
    const book = await openLog(control, {
      dataFolder: config.dataFolder,
      workspaceFolder: config.workspaceFolder,
      ...(restored?.acceptRollback == null ? {} : { acceptRollback: restored.acceptRollback }),
    });
    if (restored !== undefined) {
      await noteRestored(control, restored, book.rolledBack);
      removeRestoredNote(config.dataFolder);
    }
    book.sequencer.start();
    undo.push(() => book.sequencer.stop());
    const index = keepIndex({ db, log, wrap, key: terms, read: findableOf });
    undo.push(() => index.stop());
    keepAlerting(control, book, undo);
    keepRetention(control, undo);
    const sealing = keepSealing(control, keyring, undo);
    keepObserving(control, upstreams, log, undo);
    const rooms = { control, hall, db, book, index, sealing, sources, upstreams, store, keyring, leases };
    return { ...rooms, postgres, first, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Where browsers and agents reach this server, without a slash at its end. */
export function publicUrlOf(config: Config, workspace: Workspace | undefined): string {
  const given = workspace?.organisation.server.publicUrl;
  return config.port === undefined && given !== undefined
    ? given.replace(/\/$/, "")
    : `http://localhost:${config.port ?? defaultPort}`;
}

async function openStorage(
  config: Config,
  log: Log,
  undo: (() => Promise<unknown>)[],
): Promise<{ db: Db; postgres: string }> {
  if (config.databaseUrl !== undefined) {
    const ownerUrl = config.databaseAdminUrl ?? config.databaseUrl;
    const owner = openDb(ownerUrl.reveal(), { log, max: 2 });
    await migrate(owner, config.databaseAdminUrl === undefined ? { appRole: null } : {}).finally(() => owner.close());
    const db = openDb(config.databaseUrl.reveal(), { log, max: config.databaseConnections });
    undo.push(() => db.close());
    await requireDurable(db);
    return { db, postgres: "DATABASE_URL" };
  }
  const embedded = await startEmbedded({ dataDir: config.dataFolder, log });
  undo.push(() => embedded.stop());
  const owner = openDb(embedded.owner, { log, max: 2 });
  await migrate(owner).finally(() => owner.close());
  const db = openDb(embedded.app, { log, max: config.databaseConnections });
  undo.push(() => db.close());
  await requireDurable(db);
  return { db, postgres: `PostgreSQL ${embedded.version}, embedded${embedded.adopted ? ", adopted" : ""}` };
}

/** On an empty data folder the workspace folder's files become the first workspace; later ones are applied by a person. */
async function applyWhereEmpty(
  control: Control,
  sources: LoadSources,
  config: Config,
  upstreams: Connected,
): Promise<boolean> {
  const found = await workspaceFiles(config.workspaceFolder);
  const empty = control.keeper.loaded().workspace === undefined;
  if (empty && found !== undefined) await applyFirst(control, sources, found);
  await upstreams.use(control.keeper.loaded().workspace?.toolsFiles ?? []);
  if (await upstreams.observe()) await bump(control);
  return empty && found !== undefined;
}

async function workspaceFiles(folder: string): Promise<WorkspaceFiles | undefined> {
  const found = await read(folder);
  if (Object.keys(found.files).length === 0) return undefined;
  const [problem] = found.problems;
  if (problem !== undefined)
    throw new Problem("invalid", problem.message, { at: `${problem.file}:${problem.line}:${problem.column}` });
  return found.files;
}

async function bump(control: Control): Promise<void> {
  await control.parts.db.transaction((tx) => raiseRevision(tx));
  await control.keeper.refresh();
}

const observeEveryMs = 60_000;
const observeSoonMs = 1_000;

/** A workspace that was applied elsewhere brings its servers; each minute every server is asked again what it lists. */
function keepObserving(control: Control, upstreams: Connected, log: Log, undo: (() => Promise<unknown>)[]): void {
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
  let digest = control.keeper.loaded().workspace?.digest;
  control.keeper.onChange((loaded) => {
    if (loaded.workspace?.digest === digest) return;
    digest = loaded.workspace?.digest;
    look();
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
  const timer = setInterval(() => look(), observeEveryMs);
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
function keepRetention(control: Control, undo: (() => Promise<unknown>)[]): void {
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
function keepSealing(control: Control, keyring: Keyring, undo: (() => Promise<unknown>)[]): Sealing {
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

function keepAlerting(control: Control, book: OpenLog, undo: (() => Promise<unknown>)[]): void {
  const known = new Map();
  let working: Promise<void> = Promise.resolve();
  const look = (): void => {
    working = raiseAlerts(control, book.sequencer.status(), known).catch((cause: unknown) =>
      control.parts.log.warn({ cause: String(cause) }, "alerts could not be looked for; it is tried again"),
    );
  };
  const timer = setInterval(look, alertEveryMs);
  timer.unref();
  undo.push(async () => {
    clearInterval(timer);
    await working;
  });
}
