import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { createWatch, findableOf, type OpenHall, openHall, type Parts, type Tally } from "./action/index.ts";
import { readRestoredNote, removeRestoredNote } from "./backup/index.ts";
import { loadPacks } from "./catalog/index.ts";
import { createChecks } from "./checks/index.ts";
import type { Config } from "./config.ts";
import { createBudget } from "./costs/index.ts";
import { type Db, migrate, openDb, requireDurable, startEmbedded, type Tx } from "./db/index.ts";
import { openDecisionLog } from "./decision-log/index.ts";
import type { Clock } from "./floor/clock.ts";
import { chance } from "./floor/id.ts";
import type { Log } from "./floor/log.ts";
import { Problem } from "./floor/problem.ts";
import { versionOf } from "./floor/version.ts";
import { Families } from "./flow/index.ts";
import { apartOf, type DatabasePlace } from "./governance/apart.ts";
import { type Connected, connectUpstreams } from "./governance/connect-upstreams.ts";
import type { ConnectionSources } from "./governance/connection-sources.ts";
import {
  applyFirst,
  type Control,
  closePolicies,
  keepPlane,
  type LoadSources,
  type PlaneKeeper,
  type Sealing,
} from "./governance/index.ts";
import { noteRestored } from "./governance/note-restored.ts";
import { type OpenLog, openLog } from "./governance/open-log.ts";
import { requireWorkspaces } from "./governance/verify-workspaces.ts";
import { keepReversals } from "./keep-reversals.ts";
import { hasKeys } from "./ledger/key-sql.ts";
import { openLedger } from "./ledger/ledger.ts";
import { type IndexKeeper, keepIndex, openTermKey } from "./lookup/index.ts";
import { createCrossCheck, type Slice, solverCommands } from "./policy/index.ts";
import { alreadyRunning } from "./running-note.ts";
import {
  createIssued,
  createLeases,
  createSealedStore,
  type Keyring,
  openKeyring,
  type SealedStore,
} from "./secrets/index.ts";
import { bump, keepAlerting, keepFrozen, keepObserving, keepRetention, keepSealing } from "./upkeep.ts";
import { openVetoes } from "./vetoes/index.ts";
import { read, type WorkspaceFiles } from "./workspace/index.ts";

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
  readonly connections: ConnectionSources;
  readonly keyring: Keyring;
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
    const { db, at, postgres } = await openStorage(config, log, undo);
    const keyring = await openKeyring({
      dataDir: config.dataFolder,
      // A second key would open nothing of what is there, and hide that the first is lost.
      mayCreate: !(await hasKeys(db)),
      ...(config.ageIdentityFile === undefined ? {} : { identityFile: config.ageIdentityFile }),
    });
    const wrap = {
      seal: (bytes: Uint8Array, aad: string) => keyring.sealer.seal(bytes, aad),
      open: (bytes: Uint8Array, aad: string) => keyring.sealer.open(bytes, aad),
    };
    const restored = readRestoredNote(config.dataFolder);
    // INVARIANT: before anything of it is in force, and before a server that it names is started.
    if (restored !== undefined) await requireWorkspaces(db, wrap);
    const issued = createIssued();
    const leases = createLeases(clock, issued);
    const storeWithin = (tx: Tx): SealedStore => createSealedStore({ db: tx, keyring, tenant: "default", leases });
    const store = storeWithin(db);
    const ledger = await openLedger({
      db,
      clock,
      log,
      host: hostname(),
      sealingKey: () => keyring.sealer.keyId,
      ...(options.instead?.leaseMs === undefined ? {} : { leaseMs: options.instead.leaseMs }),
    });
    undo.push(() => ledger.close());
    const packs = await loadPacks();
    let assembled: Control | undefined;
    const connections: ConnectionSources = {
      store,
      storeWithin,
      known: issued,
      control() {
        if (assembled === undefined) throw new Problem("unavailable", "this server is not up yet");
        return assembled;
      },
    };
    const upstreams = connectUpstreams({
      ...{ db, clock, log, connections, leases, packs },
      folder: config.workspaceFolder,
      packageFolders: [packageFolder],
      inherit: config.inherit,
    });
    undo.push(() => upstreams.close());
    let closeSet: (slice: Slice, policies: readonly string[]) => Promise<void> = async () => undefined;
    const crossCheck = createCrossCheck({
      share: config.crossCheckShare,
      random: chance,
      onDisagreement: (slice, policies) => closeSet(slice, policies),
      onBroken: (cause) => log.warn({ cause }, "the second policy engine could not be asked"),
    });
    undo.push(() => crossCheck.close());
    const sources: LoadSources = {
      evaluate: crossCheck.evaluate,
      db,
      clock,
      packs,
      definitions: () => upstreams.definitions(),
      folder: config.workspaceFolder,
      now: () => ledger.now(),
      solvers: solverCommands(config.inherit.PATH),
      apart: () => apartOf(at, keyring),
    };
    const plain = await keepPlane(sources, log);
    undo.push(() => plain.close());
    const keeper = options.instead?.wrapPlane?.(plain) ?? plain;
    const checks = createChecks({ known: issued, clock });
    const terms = await openTermKey(db, wrap);
    const vetoes = openVetoes({
      clock,
      folder: config.workspaceFolder,
      lease: (name, veto) => store.lease(name, { server: `veto:${veto}` }),
    });
    undo.push(() => vetoes.close());
    const decisionLog = openDecisionLog({
      clock,
      log,
      id: ledger.writer(),
      version: versionOf(),
      redact: (value) => checks.redact(value).value,
      lease: (name) => store.lease(name, { server: "decision-log" }),
    });
    undo.push(() => decisionLog.close());
    const attend = ({ workspace }: ReturnType<PlaneKeeper["loaded"]>): void => {
      vetoes.use(workspace?.organisation.vetoes ?? []);
      decisionLog.use(workspace?.organisation.decisionLog);
    };
    attend(plain.loaded());
    keeper.onChange(attend);
    keeper.onChange((loaded) => upstreams.heed(loaded));
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
      families: new Families(),
      at: options.instead?.at ?? (() => undefined),
      tally: options.tally,
      vetoes: vetoes.ask,
      decisionLog,
    };
    const hall = openHall(parts);
    undo.push(() => hall.drain(config.drainMs));
    const control: Control = { parts, hall, keeper, endedBy: (stop) => upstreams.endedBy(stop) };
    closeSet = (slice, policies) => closePolicies(control, slice, policies);
    assembled = control;
    await upstreams.use(keeper.loaded().workspace?.toolsFiles ?? []);
    const first = await applyWhereEmpty(control, sources, config, upstreams);
    // Compiling may have held this process longer than what it read is good for.
    await keeper.refresh();
    const book = await openLog(control, {
      dataFolder: config.dataFolder,
      workspaceFolder: config.workspaceFolder,
      ...(restored === undefined ? {} : { restored }),
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
    keepFrozen(control, undo);
    keepRetention(control, undo);
    keepReversals(control, undo);
    const sealing = keepSealing(control, keyring, undo);
    keepObserving(control, upstreams, log, undo);
    const rooms = { control, hall, db, book, index, sealing, sources, upstreams, connections, keyring };
    return { ...rooms, postgres, first, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function openStorage(
  config: Config,
  log: Log,
  undo: (() => Promise<unknown>)[],
): Promise<{ db: Db; at: DatabasePlace; postgres: string }> {
  if (config.databaseUrl !== undefined) {
    const ownerUrl = config.databaseAdminUrl ?? config.databaseUrl;
    const owner = openDb(ownerUrl.reveal(), { log, max: 2 });
    await migrate(owner, config.databaseAdminUrl === undefined ? { appRole: null } : {}).finally(() => owner.close());
    const db = openDb(config.databaseUrl.reveal(), { log, max: config.databaseConnections });
    undo.push(() => db.close());
    await requireDurable(db);
    return { db, at: config.databaseUrl, postgres: "DATABASE_URL" };
  }
  const embedded = await startEmbedded({ dataDir: config.dataFolder, log }).catch((cause: unknown) => {
    const isHeld = cause instanceof Problem && cause.code === "conflict";
    throw (isHeld ? alreadyRunning(config.dataFolder, cause) : undefined) ?? cause;
  });
  undo.push(() => embedded.stop());
  const owner = openDb(embedded.owner, { log, max: 2 });
  await migrate(owner).finally(() => owner.close());
  const db = openDb(embedded.app, { log, max: config.databaseConnections });
  undo.push(() => db.close());
  await requireDurable(db);
  const postgres = `PostgreSQL ${embedded.version}, embedded${embedded.adopted ? ", adopted" : ""}`;
  return { db, at: embedded.app, postgres };
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
  await control.keeper.proven();
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
