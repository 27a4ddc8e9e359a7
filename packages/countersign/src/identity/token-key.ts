import { generateKeyPairSync } from "node:crypto";
import { type CryptoKey, importJWK, importPKCS8 } from "jose";
import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { IdentityEntry, PublicJwk } from "./credential.ts";
import { insertTokenKey, raiseRevision, retireTokenKeys, selectTokenKeys, type TokenKeyRow } from "./sql.ts";

/** What keeps the private part out of a dump of the database. `context` must be the same at both ends. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Promise<Uint8Array>;
  open(sealed: Uint8Array, context: string): Promise<Uint8Array>;
}

/** The server's keys for short tokens, in memory. */
export interface TokenKeys {
  readonly signs: { readonly kid: string; readonly key: CryptoKey };
  readonly verifies: ReadonlyMap<string, CryptoKey>;
  readonly published: readonly PublicJwk[];
}

/** Longest life of a token, and so how long a retired key still verifies. */
export const tokenLifeMs = 300_000;

/**
 * Reads the keys that still count, and makes the first where there is none; replicas that start together agree on one.
 * With `current`, the same object comes back where nothing moved, so that verified tokens stay known.
 */
export async function loadTokenKeys(tx: Tx, clock: Clock, sealer: Sealer, current?: TokenKeys): Promise<TokenKeys> {
  let rows = await selectTokenKeys(tx, clock.now() - tokenLifeMs);
  if (!rows.some(signs)) {
    await raiseRevision(tx);
    // Another replica may have made it while this one waited for the lock.
    rows = await selectTokenKeys(tx, clock.now() - tokenLifeMs);
    if (!rows.some(signs)) await insertTokenKey(tx, await freshKey(clock, sealer));
    rows = await selectTokenKeys(tx, clock.now() - tokenLifeMs);
  }
  const same = current?.signs.kid === rows.find(signs)?.id && rows.length === current?.verifies.size;
  return current !== undefined && same ? current : openKeys(rows, sealer);
}

/**
 * A new key signs from now on; the old one verifies for as long as its last token lives. With `distrust`, for a key that
 * may be in other hands, every token of every older key falls at once.
 */
export async function rotateTokenKey(
  tx: Tx,
  clock: Clock,
  sealer: Sealer,
  wanted: { readonly by: string; readonly distrust?: boolean },
): Promise<{ readonly kid: string; readonly entry: IdentityEntry }> {
  await raiseRevision(tx);
  const distrust = wanted.distrust ?? false;
  const retired = await retireTokenKeys(tx, distrust ? clock.now() - tokenLifeMs : clock.now());
  const fresh = await freshKey(clock, sealer);
  await insertTokenKey(tx, fresh);
  return {
    kid: fresh.id,
    entry: {
      kind: "rotated",
      payload: { deed: "rotated", what: "token key", kid: fresh.id, retired, distrust, by: wanted.by },
    },
  };
}

const signs = (row: TokenKeyRow): boolean => row.retired === null;

/** What the private part of a token key is bound to. */
export const sealingContext = (id: string): string => `countersign token key ${id}`;

async function freshKey(clock: Clock, sealer: Sealer) {
  const id = newId("key", clock.now());
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const jwk = publicKey.export({ format: "jwk" });
  const publicJwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x: jwk.x ?? "", kid: id, alg: "EdDSA" };
  const sealed = await sealer.seal(privateKey.export({ type: "pkcs8", format: "der" }), sealingContext(id));
  return { id, publicJwk, sealed, createdAtMs: clock.now() };
}

async function openKeys(rows: readonly TokenKeyRow[], sealer: Sealer): Promise<TokenKeys> {
  const verifies = new Map<string, CryptoKey>();
  for (const row of rows) verifies.set(row.id, asKey(await importJWK({ ...row.jwk }, "EdDSA")));
  const current = rows.find(signs);
  if (current === undefined) throw new Problem("unavailable", "no key to sign tokens with is there");
  const der = await sealer.open(current.sealed, sealingContext(current.id)).catch((cause: unknown) => {
    throw new Problem("unavailable", "the key that signs tokens cannot be opened", {
      help: "the server's own key is not the one that sealed it; bring back the old one, or rotate the token key",
      cause,
    });
  });
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString("base64")}\n-----END PRIVATE KEY-----`;
  return {
    signs: { kid: current.id, key: await importPKCS8(pem, "EdDSA") },
    verifies,
    published: rows.map((row) => row.jwk),
  };
}

function asKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new Problem("bug", "a token key is not a key pair");
  return key;
}
