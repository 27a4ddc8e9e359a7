import { compactVerify, decodeProtectedHeader, SignJWT } from "jose";
import { sha256 } from "../floor/digest.ts";
import { newId } from "../floor/id.ts";
import { type TokenKeys, tokenLifeMs } from "./token-key.ts";
import type { Workload } from "./workload.ts";

/** What a short token says, once its signature holds. Whether its credential still lives is asked at every use. */
export interface TokenClaims {
  readonly id: string;
  readonly agent: string;
  readonly environment: string;
  /** The registered public key it was got with, or the workload identity. */
  readonly credential: string;
  readonly audience: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Thumbprint of the key that must sign a proof with each use (RFC 9449). */
  readonly jkt?: string;
  /** Whom the issuer that it was got from named. */
  readonly workload?: Workload;
}

export interface MintToken {
  readonly issuer: string;
  readonly agent: string;
  readonly environment: string;
  readonly credential: string;
  readonly audience: string;
  readonly nowMs: number;
  /** No token outlives the credential it came from. */
  readonly notAfterMs: number;
  readonly jkt?: string;
  readonly workload?: Workload;
}

/** A signed JWT access token (RFC 9068), at most five minutes. */
export async function mintToken(
  keys: TokenKeys,
  wanted: MintToken,
): Promise<{ readonly text: string; readonly expiresInSeconds: number }> {
  const issued = Math.floor(wanted.nowMs / 1000);
  const expires = Math.min(issued + tokenLifeMs / 1000, Math.floor(wanted.notAfterMs / 1000));
  const text = await new SignJWT({
    client_id: wanted.agent,
    environment: wanted.environment,
    credential: wanted.credential,
    ...(wanted.jkt === undefined ? {} : { cnf: { jkt: wanted.jkt } }),
    ...(wanted.workload === undefined ? {} : { workload: { ...wanted.workload } }),
  })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: keys.signs.kid })
    .setIssuer(wanted.issuer)
    .setSubject(wanted.agent)
    .setAudience(wanted.audience)
    .setJti(newId("tok", wanted.nowMs))
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(keys.signs.key);
  return { text, expiresInSeconds: expires - issued };
}

/** The claims of a token that this server signed for `issuer` and that has not expired; undefined for everything else. */
export async function readToken(
  keys: TokenKeys,
  issuer: string,
  text: string,
  nowMs: number,
): Promise<TokenClaims | undefined> {
  try {
    const header = decodeProtectedHeader(text);
    const key =
      header.typ === "at+jwt" && header.alg === "EdDSA" && header.kid !== undefined
        ? keys.verifies.get(header.kid)
        : undefined;
    if (key === undefined) return undefined;
    const { payload } = await compactVerify(text, key, { algorithms: ["EdDSA"] });
    const claims = asClaims(JSON.parse(new TextDecoder().decode(payload)), issuer);
    return claims !== undefined && nowMs < claims.expiresAtMs ? claims : undefined;
  } catch {
    return undefined;
  }
}

function asClaims(body: Record<string, unknown>, issuer: string): TokenClaims | undefined {
  const { iss, sub, aud, jti, iat, exp, environment, credential, cnf, workload } = body;
  if (iss !== issuer || typeof sub !== "string" || typeof aud !== "string" || typeof jti !== "string") return undefined;
  if (typeof iat !== "number" || typeof exp !== "number") return undefined;
  if (typeof environment !== "string" || typeof credential !== "string") return undefined;
  const known = workload === undefined ? undefined : asWorkload(workload);
  if (workload !== undefined && known === undefined) return undefined;
  const claims = {
    id: jti,
    agent: sub,
    environment,
    credential,
    audience: aud,
    issuedAtMs: iat * 1000,
    expiresAtMs: exp * 1000,
    ...(known === undefined ? {} : { workload: known }),
  };
  if (cnf === undefined) return claims;
  // A confirmation that is not understood must not turn a bound token into a bearer token.
  if (typeof cnf !== "object" || cnf === null || !("jkt" in cnf) || typeof cnf.jkt !== "string") return undefined;
  return { ...claims, jkt: cnf.jkt };
}

function asWorkload(body: unknown): Workload | undefined {
  if (typeof body !== "object" || body === null || !("issuer" in body) || !("subject" in body)) return undefined;
  const { issuer, subject } = body;
  return typeof issuer === "string" && typeof subject === "string" ? { issuer, subject } : undefined;
}

function nameOf(text: string): string {
  return sha256(text).toString("base64");
}

/** Tokens whose signature was checked, by their hash, so that a busy agent is verified once. Holds at most `capacity`. */
export class TokenCache {
  readonly #capacity: number;
  readonly #claims = new Map<string, { readonly claims: TokenClaims; readonly keys: TokenKeys }>();

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#claims.size;
  }

  knows(text: string): boolean {
    return this.#claims.has(nameOf(text));
  }

  /** As `readToken`. A retired key's tokens fall with the key, cached or not. */
  async read(keys: TokenKeys, issuer: string, text: string, nowMs: number): Promise<TokenClaims | undefined> {
    const name = nameOf(text);
    const held = this.#claims.get(name);
    if (held !== undefined && held.keys === keys) {
      if (nowMs < held.claims.expiresAtMs) return held.claims;
      this.#claims.delete(name);
      return undefined;
    }
    const claims = await readToken(keys, issuer, text, nowMs);
    this.#claims.delete(name);
    if (claims === undefined) return undefined;
    if (this.#claims.size >= this.#capacity) {
      const [oldest] = this.#claims.keys();
      if (oldest !== undefined) this.#claims.delete(oldest);
    }
    this.#claims.set(name, { claims, keys });
    return claims;
  }
}
