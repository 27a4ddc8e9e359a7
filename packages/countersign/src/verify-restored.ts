import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint, parseTrust, parseVkey, pinnedKeys, type Trust } from "@countersign/contract";
import type { Missing, RestoreOptions } from "./backup/index.ts";
import { loadPacks } from "./catalog/index.ts";
import type { Config } from "./config.ts";
import type { Tx } from "./db/db.ts";
import { systemClock } from "./floor/clock.ts";
import { Problem } from "./floor/problem.ts";
import { anchorsOf } from "./governance/anchors.ts";
import { latestWorkspace } from "./governance/index.ts";
import { verifyWorkspaces } from "./governance/verify-workspaces.ts";
import { type Anchor, compareAnchor, fileAnchor, willReach } from "./ledger/anchor.ts";
import { verifyDatabase } from "./ledger/export-log.ts";
import { latestCheckpoint, logKeys } from "./ledger/log-sql.ts";
import { trustFile } from "./ledger/signing-key.ts";
import { findSealer } from "./secrets/index.ts";
import { check } from "./workspace/index.ts";

export interface Verdict {
  readonly problems: readonly string[];
  readonly size: number;
  readonly unsequenced: number;
  readonly underOwnKeys: boolean;
  /** What each anchor said. */
  readonly anchors: readonly string[];
  readonly missing: readonly Missing[];
}

/** Walks every writer's chain and the tree of what was loaded, and asks whoever remembers more. */
export async function verifyRestored(
  tx: Tx,
  options: RestoreOptions,
  config: Config,
  keys: ReadonlyMap<string, Buffer>,
): Promise<Verdict> {
  const [first] = await logKeys(tx);
  const nothing = { problems: [], size: 0, unsequenced: 0, underOwnKeys: true, anchors: [], missing: [] };
  if (first === undefined) return nothing;
  const origin = (await parseVkey(first.vkey)).name;
  const ours = (await latestCheckpoint(tx))?.size ?? 0;
  const missing: Missing[] = [];
  let trust = await trustFile(tx, origin);
  if (options.trust !== undefined) {
    const pinned = readTrust(options.trust);
    const seen = await pinnedCheckpoint(pinned);
    if (seen !== null && seen.size > ours)
      missing.push({ anchor: `trust file ${options.trust}`, seen: seen.size, root: seen.root });
    const { lastCheckpoint: _newer, ...older } = pinned;
    trust = seen !== null && seen.size > ours ? older : pinned;
  }
  const verified = await verifyDatabase(tx, trust);
  const problems = verified.problems
    .filter((flaw) => !(flaw.code === "pending" && ours === 0))
    .map((flaw) => `${flaw.at}: ${flaw.sentence}`);
  const anchors: string[] = [];
  for (const anchor of await anchorsToAsk(tx, options, config)) {
    const said = await ask(tx, origin, anchor);
    anchors.push(`${anchor.name}: ${said.sentence}`);
    if (said.missing !== undefined) missing.push(said.missing);
    if (said.problem !== undefined) problems.push(said.problem);
  }
  // Where the key is kept apart, the first start compares the rest, before anything of it is in force.
  problems.push(...(await verifyWorkspaces(tx, await sealerOf(options, config, keys))));
  const { size, unsequenced } = verified;
  return { problems, size, unsequenced, underOwnKeys: options.trust === undefined, anchors, missing };
}

function sealerOf(options: RestoreOptions, config: Config, files: ReadonlyMap<string, Buffer>) {
  const identityFile = options.identity ?? config.ageIdentityFile;
  const isPlain = identityFile === undefined || !hasAgeKey(config.dataFolder, files);
  return findSealer({ dataDir: config.dataFolder, files, ...(isPlain ? {} : { identityFile }) });
}

/** The identity may be there for the backup alone. */
function hasAgeKey(folder: string, files: ReadonlyMap<string, Buffer>): boolean {
  return files.has("sealing.key.age") || existsSync(join(folder, "sealing.key.age"));
}

function readTrust(file: string): Trust {
  try {
    return parseTrust(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Problem("invalid", `the trust file \`${file}\` cannot be used`, { cause });
  }
}

async function pinnedCheckpoint(trust: Trust): Promise<{ readonly size: number; readonly root: string } | null> {
  if (trust.lastCheckpoint === undefined) return null;
  return openCheckpoint(trust.lastCheckpoint, trust, await pinnedKeys(trust));
}

/** Those that were named, and those that the workspace in the backup names. */
async function anchorsToAsk(tx: Tx, options: RestoreOptions, config: Config): Promise<readonly Anchor[]> {
  const row = await latestWorkspace(tx);
  const workspace = row === undefined ? undefined : check(row.files, { packs: await loadPacks() }).workspace;
  const named = workspace?.organisation.anchors ?? [];
  return [...options.anchors.map(fileAnchor), ...anchorsOf(named, config.workspaceFolder, tx, systemClock)];
}

async function ask(
  tx: Tx,
  origin: string,
  anchor: Anchor,
): Promise<{ readonly sentence: string; readonly missing?: Missing; readonly problem?: string }> {
  try {
    const { seen, isAhead } = await compareAnchor(tx, origin, anchor);
    if (seen === null) return { sentence: "holds nothing" };
    const sentence = `has seen ${seen.size} entries`;
    const isGone = isAhead && !(await willReach(tx, origin, seen));
    return isGone ? { sentence, missing: { anchor: anchor.name, seen: seen.size, root: seen.root } } : { sentence };
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "conflict")
      return { sentence: "disagrees", problem: thrown.detail };
    return { sentence: "could not be asked; the start of the server asks again" };
  }
}
