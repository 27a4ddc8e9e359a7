import { Secret } from "../floor/secret.ts";

/** Where a database is and who asks. `host` is a name, an address, or the folder of a unix socket. */
export interface DbAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
}

export const ownerRole = "countersign";
export const appRole = "countersign_app";
export const databaseName = "countersign";

export function addressOf(
  place: { host: string; port: number },
  database: string,
  user: string,
  password: string,
): DbAddress {
  return { ...place, database, user, password: new Secret(password) };
}
