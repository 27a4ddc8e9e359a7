import {
  type Checkpoint,
  formatCheckpoint,
  formatNote,
  openCheckpoint,
  pinnedKeys,
  signatureLine,
} from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { latestCheckpoint } from "./log-sql.ts";
import { type Signer, trustFile } from "./signing-key.ts";

/** A signed note over the checkpoint, by each signer. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[]): string {
  const text = formatCheckpoint(checkpoint);
  const bytes = Buffer.from(text, "utf8");
  return formatNote(
    text,
    signers.map((signer) => signatureLine(signer.name, signer.id, signer.sign(bytes))),
  );
}

/** The latest durable checkpoint with its note, its signature verified; null before the first. */
export async function readCheckpoint(tx: Tx, origin: string): Promise<{ checkpoint: Checkpoint; note: string } | null> {
  const latest = await latestCheckpoint(tx);
  if (latest === null) return null;
  return { note: latest.note, checkpoint: await openOwn(tx, origin, latest.note) };
}

/** Opens a note that this log is said to have signed. Throws `Flaw` where it has not. */
export async function openOwn(tx: Tx, origin: string, note: string): Promise<Checkpoint> {
  const { keys } = await trustFile(tx, origin);
  const trust = { origin, keys };
  return openCheckpoint(note, trust, await pinnedKeys(trust));
}
