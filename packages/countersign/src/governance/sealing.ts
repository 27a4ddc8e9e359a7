import { newId } from "../floor/id.ts";
import type { Pace } from "../floor/pace.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { noteSealingKey, writersOfOtherKeys } from "../ledger/key-sql.ts";
import type { Keyring } from "../secrets/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { finishSealing, sealedByOthers } from "./finish-sealing.ts";
import { govern } from "./govern.ts";
import { insertSealingKey } from "./sql.ts";

export interface SealingStatus {
  /** Id of the key in force. */
  readonly keyId: string;
  /** Older keys that something may still be sealed with. */
  readonly retiring: readonly string[];
  /** How many things an older key still seals. */
  readonly left: number;
}

/** The key that seals what is private, and its rotation. */
export interface Sealing {
  status(): Promise<SealingStatus>;
  /** Puts a new key in force; what the old one sealed is sealed anew beside the work, and then the old one is dropped. */
  rotate(person: PersonCaller): Promise<SealingStatus & { readonly before: string; readonly entry: string }>;
  /** Goes on with a rotation that is under way, also one that a crash broke off; resolves when it is done. */
  finish(): Promise<void>;
}

export function openSealing(control: Control, keyring: Keyring, pace: Pace): Sealing {
  let working: Promise<void> | undefined;
  const finish = (): Promise<void> => {
    working ??= finishSealing(control, keyring, pace).finally(() => {
      working = undefined;
    });
    return working;
  };
  const status = async (): Promise<SealingStatus> => {
    const [keyId = "", ...retiring] = keyring.keyIds;
    return { keyId, retiring, left: retiring.length === 0 ? 0 : await sealedByOthers(control.parts.db, keyId) };
  };
  return {
    status,
    finish,
    async rotate(person) {
      const { before, entry } = await rotateSealingKey(control, keyring, person);
      // Counted before the work begins, and not while it is being done.
      const now = await status().finally(
        () =>
          void finish().catch((cause: unknown) =>
            control.parts.log.warn({ cause: String(cause) }, "what the old key sealed is not sealed anew yet"),
          ),
      );
      return { ...now, before, entry };
    },
  };
}

async function rotateSealingKey(
  control: Control,
  keyring: Keyring,
  person: PersonCaller,
): Promise<{ readonly before: string; readonly entry: string }> {
  const { db, ledger, clock } = control.parts;
  requireMay(person, "rotate-server-key", contextOf(control, {}));
  if (keyring.keyIds.length > 1)
    throw new Problem("conflict", "a rotation of the sealing key is under way already", { help: "wait for its end" });
  const others = (await writersOfOtherKeys(db, "")).filter((writer) => writer !== ledger.writer());
  if (others.length > 0) {
    throw new Problem("conflict", `${others.length} other processes run with the key file as it is now`, {
      help: "stop them, rotate, and give each the new key file before it starts again",
    });
  }
  const { keyId, before } = await keyring.rotate();
  await noteSealingKey(db, ledger.writer(), keyId);
  const entry = newId("gov", clock.now());
  await govern(control, {
    kind: "rotated",
    person: person.email,
    payload: { deed: "rotated", what: "sealing key", keyId, before, by: person.email },
    id: entry,
    raises: false,
    change: (tx) => insertSealingKey(tx, keyId, entry),
  });
  return { before, entry };
}
