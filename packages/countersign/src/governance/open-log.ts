import { isKeyName, parseVkey, type Trust } from "@countersign/contract";
import { openAlert } from "../action/alert-sql.ts";
import { erasureOf } from "../erasure/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { type Anchor, checkAnchor, compareAnchor } from "../ledger/anchor.ts";
import { type Bundle, type BundleWish, buildBundle } from "../ledger/bundle.ts";
import { latestCheckpoint, logKeys } from "../ledger/log-sql.ts";
import { entriesOutsideTree } from "../ledger/look-sql.ts";
import { readSubject } from "../ledger/read.ts";
import { rotate } from "../ledger/rotate.ts";
import { openSequencer, type Sequencer, type SequencerStatus } from "../ledger/sequence.ts";
import { openSigningKey, type Signer, trustFile } from "../ledger/signing-key.ts";
import { anchorsOf, ownAnchor } from "./anchors.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** The log of everything: one signed tree over every writer's entries, and what is served from it. */
export interface OpenLog {
  /** The log's name: taken once, and part of its key for ever. */
  readonly origin: string;
  /** Anchors that had seen more than was restored, and were told so at this start. */
  readonly rolledBack: readonly RolledBack[];
  readonly sequencer: Sequencer;
  status(): SequencerStatus;
  /** Who signs receipts now. */
  signer(): Promise<Signer>;
  /** Entries that are written and not yet in the signed tree. */
  lag(): Promise<number>;
  trust(): Promise<Trust>;
  /** `withhold` leaves out what is private; `since` proves that the log only grew since a pinned size. */
  bundle(subject: string, wish?: Pick<BundleWish, "withhold" | "since">): Promise<Bundle>;
  /** A new signing key, introduced by the old one. */
  rotate(person: PersonCaller): Promise<{ readonly vkey: string; readonly entry: string }>;
}

export interface LogPlace {
  readonly dataFolder: string;
  readonly workspaceFolder: string;
  /** The database was restored since the last start; why an older state is meant than an anchor has seen, where it is. */
  readonly restored?: { readonly acceptRollback: string | null };
}

/** Opens the log: refuses to go on from a database that is behind its own anchor, then orders and signs. */
export async function openLog(control: Control, place: LogPlace): Promise<OpenLog> {
  const { dataFolder, workspaceFolder, restored } = place;
  const { db, clock, log, ledger, wrap } = control.parts;
  const origin = await originOf(control);
  await openSigningKey(db, dataFolder, origin);
  const kept = control.keeper.loaded().workspace?.organisation.anchors ?? [];
  const anchors = [ownAnchor(dataFolder), ...anchorsOf(kept, workspaceFolder, db, clock)];
  const rolledBack: RolledBack[] = [];
  const raise = (sentence: string): void => {
    log.error({ sentence }, "the log has stopped");
    openAlert(db, newId("gov", clock.now()), "log", origin, sentence).catch((cause: unknown) =>
      log.error({ cause: String(cause) }, "the alert could not be recorded"),
    );
  };
  const sequencing = {
    db,
    clock,
    log,
    folder: dataFolder,
    origin,
    holder: ledger.writer(),
    readSubject: (subject: string) => readSubject(db, subject, wrap),
    alarm: raise,
  };
  if (restored !== undefined) {
    // What a backup holds beyond its last checkpoint is put into the tree, before anybody compares the two.
    const blind = openSequencer({ ...sequencing, anchors: [] });
    await blind.round();
    await blind.stop();
  }
  for (const anchor of anchors) {
    if (restored?.acceptRollback != null)
      rolledBack.push(...(await acceptAnchor(control, origin, anchor, restored.acceptRollback)));
    await checkAnchor(db, origin, anchor).catch((thrown: unknown) => {
      // INVARIANT: what cannot be asked now is asked before anything is signed; what disagrees ends the start.
      if (!isAway(thrown)) throw thrown;
      log.warn(
        { anchor: anchor.name, cause: String(thrown) },
        "an anchor cannot be asked, and nothing is signed until it can",
      );
    });
  }
  const sequencer = openSequencer({ ...sequencing, anchors });
  return {
    origin,
    rolledBack,
    sequencer,
    status: () => sequencer.status(),
    signer: async () => (await openSigningKey(db, dataFolder, origin)).current,
    lag: () => entriesOutsideTree(db),
    trust: () => trustFile(db, origin),
    async bundle(subject, wish = {}) {
      const { current } = await openSigningKey(db, dataFolder, origin);
      return db.transaction(async (tx) => {
        const read = await readSubject(tx, subject, wrap);
        // What is gone is vouched for by the deed that says who erased it and why.
        const erasure = read.key === null ? await erasureOf(tx, subject) : undefined;
        const supporting = erasure === undefined ? [] : [await readSubject(tx, erasure.deed, wrap)];
        return buildBundle(tx, { ...wish, signer: current, subject: read, supporting });
      });
    },
    rotate: (person) => rotateSigningKey(control, person, dataFolder, origin),
  };
}

function isAway(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.code === "unavailable";
}

export interface RolledBack {
  readonly anchor: string;
  readonly from: number;
  readonly root: string;
  readonly to: number;
}

/** Tells an anchor that is ahead that the log went back: it keeps both, and takes checkpoints again. */
async function acceptAnchor(
  { parts }: Control,
  origin: string,
  anchor: Anchor,
  reason: string,
): Promise<readonly RolledBack[]> {
  const { seen, ours, isAhead } = await compareAnchor(parts.db, origin, anchor);
  const latest = await latestCheckpoint(parts.db);
  if (!isAhead || seen === null || latest === null) return [];
  await anchor.publish(latest.note, latest.size, { from: seen.size, root: seen.root, reason });
  parts.log.error({ anchor: anchor.name, from: seen.size, to: ours, reason }, "the log was rolled back, and says so");
  return [{ anchor: anchor.name, from: seen.size, root: seen.root, to: ours }];
}

async function rotateSigningKey(
  control: Control,
  person: PersonCaller,
  folder: string,
  origin: string,
): Promise<{ readonly vkey: string; readonly entry: string }> {
  requireMay(person, "rotate-server-key", contextOf(control, {}));
  const subject = newId("gov", control.parts.clock.now());
  const vkey = await rotate({
    db: control.parts.db,
    folder,
    origin,
    subject,
    append: async (payload) => {
      await govern(control, { kind: "rotated", person: person.email, payload, id: subject, raises: false });
    },
  });
  return { vkey, entry: subject };
}

/** A log keeps the name that its first key has; a new one is named after where people reach it. */
async function originOf(control: Control): Promise<string> {
  const [first] = await logKeys(control.parts.db);
  if (first !== undefined) return (await parseVkey(first.vkey)).name;
  const { publicUrl } = control.keeper.loaded().workspace?.organisation.server ?? {};
  const name = `${publicUrl === undefined ? "localhost" : new URL(publicUrl).hostname}/countersign`;
  return isKeyName(name) ? name : "localhost/countersign";
}
