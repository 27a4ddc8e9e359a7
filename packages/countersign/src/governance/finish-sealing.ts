import { countCanariesOfOther } from "../approvals/canary-sql.ts";
import type { Tx } from "../db/db.ts";
import { newId } from "../floor/id.ts";
import type { Pace } from "../floor/pace.ts";
import { Problem } from "../floor/problem.ts";
import { countTokenKeysOfOther, rewrapTokenKeys } from "../identity/index.ts";
import { countWrappedByOther, writersOfOtherKeys } from "../ledger/key-sql.ts";
import { type Rewrapping, rewrapKeys } from "../ledger/rewrap-keys.ts";
import { countSealedByOther, type Keyring, rewrap } from "../secrets/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { rewrapCanaries } from "./rewrap-canaries.ts";
import { finishSealingKey, insertSealingKey, sealingKeyRow } from "./sql.ts";

/** How many things a key other than this one seals: every place there is. */
export async function sealedByOthers(tx: Tx, keyId: string): Promise<number> {
  return (
    (await countWrappedByOther(tx, keyId)) +
    (await countSealedByOther(tx, keyId)) +
    (await countTokenKeysOfOther(tx, keyId)) +
    (await countCanariesOfOther(tx, keyId))
  );
}

/**
 * Seals anew what older keys have sealed, says so in the ledger, and drops them. Safe to break off and to repeat at any
 * point. INVARIANT: a key is dropped only when nothing that is sealed with it was left after the last entry was durable:
 * whatever this process had sealed before the new key came into force was written before that entry.
 */
export async function finishSealing(control: Control, keyring: Keyring, pace: Pace): Promise<void> {
  const [keyId = "", ...retiring] = keyring.keyIds;
  if (retiring.length === 0) return;
  const { db, ledger } = control.parts;
  const behind = (await writersOfOtherKeys(db, keyId)).filter((writer) => writer !== ledger.writer());
  if (behind.length > 0) {
    throw new Problem("unavailable", `${behind.length} other processes seal with an older key`, {
      help: "stop them and give them the new key file; then this goes on by itself",
    });
  }
  await introduce(control, keyId, retiring);
  for (;;) {
    const changed = await sealAnew(control, keyring, pace);
    await conclude(control, keyId, retiring, changed);
    const left = await sealedByOthers(db, keyId);
    if (left === 0) break;
    if (changed.secrets + changed.tokenKeys + changed.canaries + changed.subjects === 0)
      throw new Problem("conflict", `${left} things that an older key sealed cannot be opened; that key is kept`);
  }
  // Whoever finishes at the same time in this process may have dropped it already.
  for (const old of retiring) if (keyring.keyIds.includes(old)) await keyring.retire(old);
  control.parts.log.info({ keyId, retired: retiring }, "the sealing key was rotated; the old one is gone");
}

async function sealAnew(control: Control, keyring: Keyring, pace: Pace): Promise<Sealed> {
  const { db } = control.parts;
  const { sealer } = keyring;
  const rewrapping: Rewrapping = {
    keyId: sealer.keyId,
    rewrap(wrapped, context) {
      try {
        const key = sealer.open(wrapped, context);
        const anew = sealer.seal(key, context);
        key.fill(0);
        return anew;
      } catch (cause) {
        control.parts.log.error({ context, cause: String(cause) }, "a sealed key cannot be opened");
        return undefined;
      }
    },
  };
  const secrets = await rewrap(db, sealer);
  const tokenKeys = await rewrapTokenKeys(db, rewrapping);
  const canaries = await rewrapCanaries(db, rewrapping);
  return { secrets, tokenKeys, canaries, subjects: await rewrapKeys(db, rewrapping, pace) };
}

interface Sealed {
  readonly secrets: number;
  readonly tokenKeys: number;
  readonly canaries: number;
  readonly subjects: number;
}

/** A crash may have come between the key file and its entry. */
async function introduce(control: Control, keyId: string, before: readonly string[]): Promise<void> {
  if ((await sealingKeyRow(control.parts.db, keyId)) !== undefined) return;
  const id = newId("gov", control.parts.clock.now());
  await govern(control, {
    kind: "rotated",
    person: "countersign",
    payload: { deed: "rotated", what: "sealing key", keyId, before: before[0] ?? "", resumed: true },
    id,
    raises: false,
    change: (tx) => insertSealingKey(tx, keyId, id),
  });
}

async function conclude(control: Control, keyId: string, retired: readonly string[], changed: Sealed): Promise<void> {
  if ((await sealingKeyRow(control.parts.db, keyId))?.finished_by != null) return;
  const id = newId("gov", control.parts.clock.now());
  await govern(control, {
    kind: "rotated",
    person: "countersign",
    payload: { deed: "sealed anew", what: "sealing key", keyId, retired, changed },
    id,
    raises: false,
    change: (tx) => finishSealingKey(tx, keyId, id),
  });
}
