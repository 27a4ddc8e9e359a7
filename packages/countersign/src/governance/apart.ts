import type { DbAddress } from "../db/address.ts";
import { Secret } from "../floor/secret.ts";
import type { Keyring, LentKey } from "../secrets/index.ts";

/** An address, or a `postgresql://` url. */
export type DatabasePlace = Secret | DbAddress;

/** What a thread of this process needs to read by itself what is sealed. It is handed over in memory and written nowhere. */
export interface Apart {
  readonly database: string | (Omit<DbAddress, "password"> & { readonly password: string });
  readonly keys: readonly LentKey[];
}

/** The database and the keys as they are now; a secret would not survive the way to another thread. */
export function apartOf(database: DatabasePlace, keyring: Pick<Keyring, "lend">): Apart {
  const at = database instanceof Secret ? database.reveal() : { ...database, password: database.password.reveal() };
  return { database: at, keys: keyring.lend() };
}
