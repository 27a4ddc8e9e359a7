import { randomBytes } from "node:crypto";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import type { HeldLease, Leases } from "./leases.ts";
import { checkName, checkValue, isReserved } from "./name.ts";
import type { Sealer } from "./sealer.ts";
import {
  deleteBelow,
  destroySealed,
  insertSealed,
  latestVersion,
  listSealed,
  readSealed,
  type SealedRow,
} from "./sql.ts";
import type { SecretStore } from "./store.ts";
import { gcmOpen, gcmSeal } from "./xaes.ts";

export interface SealedStoreParts {
  readonly db: Tx;
  /** `openKeyring(…)`, or anything that has the sealer in force. */
  readonly keyring: { readonly sealer: Sealer };
  readonly tenant: string;
  readonly leases: Leases;
}

/** The local store: each version of a secret under a data key of its own, which the key file's key wraps. */
export interface SealedStore extends SecretStore {
  lease(name: string, use: { readonly actionId?: string; readonly server: string }): Promise<HeldLease>;
  /** Puts a value in the place of all before it: of them nothing is left. */
  replace(name: string, value: Secret, by: string): Promise<{ readonly version: number }>;
  /** Destroys all versions; what was sealed cannot be opened again by anyone. */
  destroy(name: string): Promise<{ readonly versions: number }>;
}

export function createSealedStore({ db, keyring, tenant, leases }: SealedStoreParts): SealedStore {
  return {
    async lease(name, use) {
      const row = await readable(() => readSealed(db, tenant, checkName(name)));
      if (row === undefined) {
        throw new Problem("not_found", `there is no secret \`${name}\``, {
          help: `store it with \`countersign secret put ${name}\``,
        });
      }
      return leases.open(name, row.version, openRow(keyring.sealer, tenant, name, row), use);
    },
    async put(name, value, by) {
      return { version: await putSealed(db, keyring.sealer, tenant, checkName(name), checkValue(value.reveal()), by) };
    },
    async replace(name, value, by) {
      const version = await putSealed(db, keyring.sealer, tenant, checkName(name), checkValue(value.reveal()), by);
      await deleteBelow(db, tenant, name, version);
      return { version };
    },
    async list() {
      const rows = (await readable(() => listSealed(db, tenant))).filter(({ path }) => !isReserved(path));
      return rows.map(({ path, version, at }) => ({ name: path, version, at }));
    },
    async destroy(name) {
      const latest = await latestVersion(db, tenant, checkName(name));
      return { versions: await destroySealed(db, tenant, name, latest) };
    },
  };
}

/** What the data key and the ciphertext are bound to: neither opens in another place, tenant or version. */
export function bindingOf(tenant: string, path: string, version: number): string {
  return JSON.stringify(["countersign.secret.v1", tenant, path, version]);
}

async function putSealed(
  tx: Tx,
  sealer: Sealer,
  tenant: string,
  path: string,
  value: string,
  by: string,
): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const version = (await latestVersion(tx, tenant, path)) + 1;
    const binding = bindingOf(tenant, path, version);
    const { key, wrapped } = sealer.createKey(binding);
    const nonce = randomBytes(12);
    const ciphertext = gcmSeal(key, nonce, Buffer.from(value, "utf8"), Buffer.from(binding));
    key.fill(0);
    if (await insertSealed(tx, { tenant, path, version, dek_wrapped: wrapped, nonce, ciphertext }, by)) return version;
  }
  throw new Problem("conflict", `secret \`${path}\` is being written by others`, { help: "try again" });
}

/** The row's own words about itself count for nothing: the binding is what was asked for. */
function openRow(sealer: Sealer, tenant: string, path: string, row: SealedRow): Secret {
  const binding = bindingOf(tenant, path, row.version);
  const key = sealer.unwrapKey(row.dek_wrapped, binding);
  let plain: Buffer | undefined;
  try {
    plain = gcmOpen(key, row.nonce, row.ciphertext, Buffer.from(binding));
    return new Secret(plain.toString("utf8"));
  } catch {
    throw new Problem("conflict", `what is stored for secret \`${path}\` is not what was sealed, so it is not used`, {
      help: "put the secret again; if nobody has touched the database by hand, treat this as tampering",
    });
  } finally {
    key.fill(0);
    plain?.fill(0);
  }
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    throw new Problem("unavailable", "the secret store cannot be read", {
      help: "see whether the database is up",
      cause: thrown,
    });
  }
}
