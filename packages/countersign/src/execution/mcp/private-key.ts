import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { Problem } from "../../floor/problem.ts";
import type { Secret } from "../../floor/secret.ts";

/** A private key is kept as PEM or as a JWK's JSON. */
export function privateJwk(key: Secret): Record<string, unknown> {
  return open(key).export({ format: "jwk" }) as Record<string, unknown>;
}

/** The signature algorithm that fits a private key. */
export function algorithmOf(key: Secret): string {
  const { asymmetricKeyType, asymmetricKeyDetails } = open(key);
  if (asymmetricKeyType === "ed25519") return "EdDSA";
  if (asymmetricKeyType === "rsa") return "RS256";
  const curves = new Map([
    ["prime256v1", "ES256"],
    ["secp384r1", "ES384"],
    ["secp521r1", "ES512"],
  ]);
  const algorithm = curves.get(asymmetricKeyDetails?.namedCurve ?? "");
  if (algorithm !== undefined) return algorithm;
  throw new Problem("invalid", "the private key of an upstream's OAuth client is of a kind that is not used here", {
    help: "use Ed25519, a P curve or RSA",
  });
}

function open(key: Secret): KeyObject {
  const text = key.reveal();
  try {
    if (!text.trimStart().startsWith("{")) return createPrivateKey(text);
    return createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: "jwk" });
  } catch {
    // The cause would repeat the key.
    throw new Problem("invalid", "the private key of an upstream's OAuth client is neither PEM nor a JWK");
  }
}
