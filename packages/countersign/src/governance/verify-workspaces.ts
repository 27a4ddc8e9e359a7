import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import { commitment, type KeyWrap } from "../ledger/seal.ts";
import { digestFiles } from "../workspace/index.ts";
import { appliedDeeds, workspacesInOrder } from "./history-sql.ts";
import { dropOtherProofs } from "./proof-sql.ts";

/** What the ledger says of one time that a workspace was put in force. */
interface Deed {
  readonly digest: unknown;
  readonly before: unknown;
}

/**
 * Compares every workspace that is kept with what the ledger says was put in force: its files with their digest, and, where
 * there is a key that opens the ledger, that digest and what it replaced with the deed. Sentences; none where all is so.
 */
export async function verifyWorkspaces(tx: Tx, wrap: KeyWrap | undefined): Promise<readonly string[]> {
  const rows = await workspacesInOrder(tx);
  const deeds = await appliedDeeds(tx);
  const problems = rows
    .filter(({ files, digest }) => digestFiles(files) !== digest)
    .map(({ revision }) => `workspace revision ${revision}: its files are not those whose digest was put in force`);
  const lost = deeds.length - rows.length;
  if (lost > 0) problems.push(`${lost} workspaces that the ledger says were put in force are not there`);
  if (wrap === undefined) return problems;
  const said = new Map<string, Deed>();
  for (const deed of deeds) {
    const opened = await openDeed(tx, wrap, deed);
    if (opened === undefined)
      problems.push(`the deed \`${deed}\` in the ledger cannot be opened with the key that is here`);
    else said.set(deed, opened);
  }
  if (said.size < deeds.length) return problems;
  for (const [at, { revision, entry, digest }] of rows.entries()) {
    // In a backup from before they were named, any deed that says so will do.
    const named = entry == null ? [...said.values()] : [said.get(entry)];
    const before = rows[at - 1]?.digest ?? null;
    if (!named.some((deed) => deed?.digest === digest && deed.before === before))
      problems.push(`workspace revision ${revision}: the ledger does not say that this was put in force then`);
  }
  return problems;
}

/** Before a restored database is used: fails where what is kept is not what the ledger says was put in force. */
export async function requireWorkspaces(tx: Tx, wrap: KeyWrap): Promise<void> {
  const [problem] = await verifyWorkspaces(tx, wrap);
  // What a backup says is proven stands in no entry: it is proven anew.
  if (problem === undefined) return dropOtherProofs(tx, "");
  throw new Problem("unavailable", `what was restored does not hold: ${problem}`, {
    help: "restore another backup into an empty folder; nothing of this one was put in force",
  });
}

/** Undefined where it cannot be opened, or is not what its entry committed to. */
async function openDeed(tx: Tx, wrap: KeyWrap, deed: string): Promise<Deed | undefined> {
  try {
    const { key, entries } = await readSubject(tx, deed, wrap);
    const [first] = entries;
    if (key === null || first === undefined) return undefined;
    const text = key.openText(first.entry.step, first.entry.sealed);
    const leaf = JSON.parse(first.entry.leaf.toString("utf8")) as { readonly commit?: unknown };
    return leaf.commit === commitment(key.nonce, Buffer.from(text, "utf8")) ? (JSON.parse(text) as Deed) : undefined;
  } catch {
    return undefined;
  }
}
