import type { PasskeyKey } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";

/** A key that a person's device holds and that a touch, with a finger or a PIN, lets sign. */
export interface Passkey {
  readonly id: string;
  /** The authenticator's own id of it, base64url. */
  readonly credential: string;
  readonly person: string;
  readonly name: string;
  /** As the authenticator gave it (COSE). */
  readonly publicKey: Buffer;
  readonly jwk: PasskeyKey;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
  /** Whose hands the login was in that registered it: what it signs may be theirs. */
  readonly vouchedBy: readonly string[];
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
}

/** What a browser answers when a passkey signs; its members are base64url. */
export interface Assertion {
  readonly id: string;
  readonly rawId: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
  };
}

/** What a browser answers when it has made a passkey. */
export interface Attestation {
  readonly id: string;
  readonly rawId: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[];
  };
}

/** What browsers bind a passkey to. */
export interface Site {
  readonly rpId: string;
  readonly origin: string;
}

/** The site of this server's public address. Fails with `unavailable` where browsers give no passkeys to it. */
export function siteOf(publicUrl: string): Site {
  const { hostname, origin } = new URL(publicUrl);
  if (/^[0-9.]+$/.test(hostname) || hostname.startsWith("[")) {
    throw new Problem("unavailable", `browsers give no passkeys to a bare address such as \`${hostname}\``, {
      help: "set `server.publicUrl` to a name: `http://localhost:4600` on this machine",
    });
  }
  return { rpId: hostname, origin };
}

/** COSE numbers of ES256, EdDSA and RS256: what browsers' WebCrypto can verify again. */
export const passkeyAlgorithms = [-7, -8, -257];

const text = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString("base64url") : "");

/** A COSE key as a JWK; undefined where it is of another kind than those above. */
export function jwkOfCose(key: { get(label: number): unknown }): PasskeyKey | undefined {
  const [kty, alg] = [key.get(1), key.get(3)];
  if (kty === 2 && alg === -7 && key.get(-1) === 1)
    return { kty: "EC", alg: "ES256", crv: "P-256", x: text(key.get(-2)), y: text(key.get(-3)) };
  if (kty === 1 && alg === -8 && key.get(-1) === 6)
    return { kty: "OKP", alg: "EdDSA", crv: "Ed25519", x: text(key.get(-2)) };
  if (kty === 3 && alg === -257) return { kty: "RSA", alg: "RS256", n: text(key.get(-1)), e: text(key.get(-2)) };
  return undefined;
}
