import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from "jose";
import type { AgentPublicKey } from "./credential.ts";
import { type CredentialSet, liveCredential } from "./credentials.ts";
import { namesAlgorithm } from "./public-key.ts";

/** A client assertion (RFC 7523) whose signature and claims hold. That it was not used before is still to be asked. */
export interface Assertion {
  readonly agent: string;
  readonly key: AgentPublicKey;
  readonly jti: string;
  /** After this every replica refuses it for its age: how long its `jti` must be remembered. */
  readonly forgetAtMs: number;
}

export interface AssertionContext {
  readonly credentials: CredentialSet;
  /** Who it may be addressed to: the issuer and its token endpoint. */
  readonly audiences: readonly string[];
  readonly nowMs: number;
}

const skewMs = 30_000;
/** Another replica's clock may be behind that of the one that deletes: far longer than any that is kept in step. */
const forgetAfterMs = 600_000;
const longestMs = 300_000;
/** What RFC 7523 leaves open: a token of another purpose, signed by the same key, is not an assertion. */
const types: readonly unknown[] = [undefined, "JWT", "jwt", "client-authentication+jwt"];

/**
 * Undefined for whatever does not hold, never saying which part. The key is one that was registered for the agent the
 * assertion names: `jwk`, `jku`, `x5c` and `x5u` of its header are not read.
 */
export async function readAssertion(text: string, ctx: AssertionContext): Promise<Assertion | undefined> {
  try {
    if (text.length > 8192) return undefined;
    const header = decodeProtectedHeader(text);
    if (!types.includes(header.typ) || header.crit !== undefined || header.b64 !== undefined) return undefined;
    const claims = readClaims(decodeJwt(text), ctx);
    if (claims === undefined) return undefined;
    for (const key of candidates(ctx, claims.agent, header.kid)) {
      if (!namesAlgorithm(header.alg, key.jwk.alg)) continue;
      if (await verifies(text, key, header.alg ?? "")) return { ...claims, key };
    }
    return undefined;
  } catch {
    return undefined;
  }
}

function candidates(ctx: AssertionContext, agent: string, kid: string | undefined): readonly AgentPublicKey[] {
  const held = (ctx.credentials.publicKeysOf.get(agent) ?? []).filter((key) =>
    liveCredential(ctx.credentials, key.id, ctx.nowMs),
  );
  if (kid === undefined) return held;
  return held.filter((key) => kid === key.jwk.kid || kid === key.id || kid === key.thumbprint);
}

async function verifies(text: string, key: AgentPublicKey, alg: string): Promise<boolean> {
  try {
    await compactVerify(text, await importJWK({ ...key.jwk }, alg), { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

function readClaims(
  { iss, sub, aud, exp, iat, nbf, jti }: Record<string, unknown>,
  { audiences, nowMs }: AssertionContext,
): Omit<Assertion, "key"> | undefined {
  if (typeof sub !== "string" || iss !== sub) return undefined;
  // One audience only: an assertion that is also addressed to someone else could be brought here by them.
  const to = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (typeof to !== "string" || !audiences.includes(to)) return undefined;
  if (typeof jti !== "string" || jti === "" || jti.length > 256) return undefined;
  if (typeof exp !== "number" || typeof iat !== "number") return undefined;
  // With the longest life these two also bound how old an assertion can be, and how far ahead it can end.
  if (!(exp * 1000 > nowMs - skewMs) || !(iat * 1000 <= nowMs + skewMs)) return undefined;
  if (!(exp > iat) || (exp - iat) * 1000 > longestMs) return undefined;
  if (nbf !== undefined && (typeof nbf !== "number" || nbf * 1000 > nowMs + skewMs)) return undefined;
  return { agent: sub, jti, forgetAtMs: exp * 1000 + forgetAfterMs };
}
