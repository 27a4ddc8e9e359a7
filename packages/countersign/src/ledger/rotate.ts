import type { Db } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { deleteNextKey, dropStaleKey, insertNextKey, logKeys } from "./log-sql.ts";
import { makeNextKey, openSigningKey } from "./signing-key.ts";

export interface Rotation {
  readonly db: Db;
  readonly folder: string;
  readonly origin: string;
  /** Id of the deed of governance that the entry is about. */
  readonly subject: string;
  /** Records an entry of kind `rotated` about `subject`, step 0, with this payload. */
  readonly append: (payload: { readonly previous: string; readonly next: string }) => Promise<void>;
}

/**
 * Prepares a new signing key and records it in the ledger. The sequencer turns the key with the checkpoint that first
 * holds that entry: both keys sign it, the old one never signs again. Returns the new key in its public form.
 */
export async function rotate(rotation: Rotation): Promise<string> {
  const { db, folder, origin, subject } = rotation;
  await dropStaleKey(db);
  const { current, previous } = await openSigningKey(db, folder, origin);
  const waiting = (await logKeys(db)).find((row) => row.from_size === null);
  if (waiting !== undefined || previous !== undefined) {
    throw new Problem("conflict", "a rotation of the signing key is under way already", {
      help: "wait for the next checkpoint",
    });
  }
  const next = await makeNextKey(folder, origin);
  // First the key, then the entry: a sequencer that meets the entry must know what it introduces.
  await insertNextKey(db, next.vkey, subject);
  try {
    await rotation.append({ previous: current.vkey, next: next.vkey });
  } catch (cause) {
    // Whether the entry is there is for the ledger to say: only a definite refusal takes the key back.
    if (cause instanceof Problem && cause.code !== "unavailable") await deleteNextKey(db, next.vkey);
    throw cause;
  }
  return next.vkey;
}
