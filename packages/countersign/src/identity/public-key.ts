import { calculateJwkThumbprint, importJWK } from "jose";
import { Problem } from "../floor/problem.ts";
import type { PublicJwk, SigningAlgorithm } from "./credential.ts";

/** Which algorithm a key may be used with: one, fixed by its kind, whatever a signature's header says. */
export function algorithmOf(jwk: { readonly kty?: unknown; readonly crv?: unknown }): SigningAlgorithm | undefined {
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") return "EdDSA";
  if (jwk.kty === "EC" && jwk.crv === "P-256") return "ES256";
  if (jwk.kty === "RSA") return "RS256";
  return undefined;
}

/** Whether a signature's header names this key's own algorithm; `Ed25519` is the newer name of `EdDSA` (RFC 9864). */
export function namesAlgorithm(header: unknown, alg: SigningAlgorithm): boolean {
  return header === alg || (header === "Ed25519" && alg === "EdDSA");
}

const membersOf = { OKP: ["x"], EC: ["x", "y"], RSA: ["n", "e"] } as const;
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** Reads a public JWK of Ed25519, P-256 or RSA from 2048 bits; fails with `invalid` and says why. Keeps only known members. */
export async function readPublicJwk(given: unknown): Promise<{ readonly jwk: PublicJwk; readonly thumbprint: string }> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw bad("it is not a JSON object");
  const from: Record<string, unknown> = { ...given };
  if (privateMembers.some((member) => member in from)) {
    throw bad(
      "it holds the private part, which must never leave the agent; make a new key and send its public part only",
    );
  }
  const alg = algorithmOf(from);
  const { kty } = from;
  if (alg === undefined || (kty !== "OKP" && kty !== "EC" && kty !== "RSA"))
    throw bad("only Ed25519, P-256 and RSA keys are taken");
  if (from.alg !== undefined && !namesAlgorithm(from.alg, alg)) throw bad(`a key of this kind signs with ${alg} only`);
  if (from.use !== undefined && from.use !== "sig") throw bad("its `use` is not `sig`");
  const kept: Record<string, string> = kty === "RSA" ? { kty } : { kty, crv: String(from.crv) };
  for (const member of membersOf[kty]) {
    const value = from[member];
    if (typeof value !== "string" || !/^[A-Za-z0-9_-]{1,1400}$/.test(value))
      throw bad(`its member \`${member}\` is missing or not base64url`);
    kept[member] = value;
  }
  if (kty === "RSA") checkModulus(kept.n ?? "", kept.e ?? "");
  const imported = await importJWK(kept, alg).catch((cause: unknown) => {
    throw bad("it is not a point or number that its kind allows", cause);
  });
  if (imported instanceof Uint8Array) throw bad("it is a shared secret");
  const thumbprint = await calculateJwkThumbprint(kept);
  const kid = typeof from.kid === "string" && /^[\x21-\x7e]{1,100}$/.test(from.kid) ? from.kid : thumbprint;
  return { jwk: { ...kept, kty, kid, alg }, thumbprint };
}

function checkModulus(n: string, e: string): void {
  const bits = BigInt(`0x${Buffer.from(n, "base64url").toString("hex") || "0"}`).toString(2).length;
  if (bits < 2048 || bits > 8192) throw bad("an RSA key has 2048 to 8192 bits here");
  // An exponent of 1 makes every text its own signature.
  if (e !== "AQAB") throw bad("an RSA key's exponent is 65537 here");
}

function bad(why: string, cause?: unknown): Problem {
  return new Problem("invalid", `this public key is not taken: ${why}`, {
    at: "/jwk",
    ...(cause === undefined ? {} : { cause }),
  });
}
