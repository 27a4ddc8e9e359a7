import { type Bytes, concat, equal, fromBase64Url, sha256, textOf, toBase64Url, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import type { Json, JsonObject } from "./json.ts";
import { parseJson } from "./parse.ts";

/** What a passkey signs when it approves: nothing else than this person's yes to this very call, as it was shown. */
export interface ApprovalBound {
  readonly action: string;
  readonly callDigest: string;
  readonly shownDigest: string;
  readonly person: string;
  /** Of this showing; it is good for one answer. */
  readonly nonce: string;
  /** A yes that stands alone for all that are missing. Absent: an approval among others. */
  readonly verdict?: "break-glass";
}

/** A passkey's public key. */
export interface PasskeyKey {
  readonly kty: "EC" | "OKP" | "RSA";
  readonly alg: "ES256" | "EdDSA" | "RS256";
  readonly crv?: "P-256" | "Ed25519";
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

/** A passkey's signature, whole, so that anybody can check it again. Members in base64url are as the browser gave them. */
export interface PasskeyProof {
  readonly credential: string;
  readonly publicKey: PasskeyKey;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly rpId: string;
  readonly origin: string;
  readonly nonce: string;
}

export function approvalDocument({
  action,
  callDigest,
  shownDigest,
  person,
  nonce,
  verdict,
}: ApprovalBound): JsonObject {
  return { v: 1, verdict: verdict ?? "approve", action, callDigest, shownDigest, person, nonce };
}

/** The challenge that a passkey signs: base64url of the SHA-256 of the document's canonical JSON. */
export async function approvalChallenge(bound: ApprovalBound): Promise<string> {
  return toBase64Url(await sha256(utf8(canonical(approvalDocument(bound)))));
}

const userPresent = 0x01;
const userVerified = 0x04;

/** Why this signature is not this approval, as a sentence; undefined where it is (WebAuthn level 3, 7.2). */
export async function passkeyFault(bound: ApprovalBound, proof: PasskeyProof): Promise<string | undefined> {
  const clientData = fromBase64Url(proof.clientDataJSON);
  const authenticator = fromBase64Url(proof.authenticatorData);
  const signature = fromBase64Url(proof.signature);
  if (clientData === undefined || authenticator === undefined || signature === undefined || authenticator.length < 37)
    return "the passkey's answer cannot be read";
  if (bound.nonce !== proof.nonce) return "the passkey signed another showing";
  const said = readClientData(clientData);
  if (said?.type !== "webauthn.get") return "the passkey's answer is not a signature of an approval";
  if (said.challenge !== (await approvalChallenge(bound)))
    return "the passkey signed something else than this approval";
  if (said.origin !== proof.origin || said.crossOrigin === true) return "the passkey was asked by another site";
  if (!equal(authenticator.subarray(0, 32), await sha256(utf8(proof.rpId)))) return "the passkey is for another site";
  const flags = authenticator[32] ?? 0;
  if ((flags & userPresent) === 0) return "nobody touched the passkey";
  if ((flags & userVerified) === 0) return "the passkey did not verify who used it";
  const signed = concat(authenticator, await sha256(clientData));
  return (await isSigned(proof.publicKey, signature, signed)) ? undefined : "the passkey's signature does not hold";
}

/** Why the passkey's signature in this entry is not that of its answer; undefined where it is, or where there is none. */
export async function answerFault(
  { subject, person }: { readonly subject: string; readonly person?: string },
  payload: Json,
): Promise<string | undefined> {
  const answer = objectOf(objectOf(payload)?.answer);
  if (answer?.passkey === undefined) return undefined;
  const read = readProof(objectOf(answer.passkey));
  const { callDigest, shownDigest } = answer;
  if (read === undefined || typeof callDigest !== "string" || typeof shownDigest !== "string")
    return "the passkey's answer cannot be read";
  if (answer.verdict !== "approve" || answer.person !== person || person === undefined)
    return "the passkey signed an approval, and this is none of its person";
  // INVARIANT: who signed one approval among others did not break the glass by it, and the other way round.
  const alone = answer.breakGlass === undefined ? {} : ({ verdict: "break-glass" } as const);
  return passkeyFault({ action: subject, callDigest, shownDigest, person, nonce: read.nonce, ...alone }, read);
}

function readProof(given: JsonObject | undefined): PasskeyProof | undefined {
  const key = objectOf(given?.publicKey);
  const texts = ["credential", "clientDataJSON", "authenticatorData", "signature", "rpId", "origin", "nonce"];
  if (given === undefined || key === undefined || texts.some((name) => typeof given[name] !== "string"))
    return undefined;
  if (Object.values(key).some((value) => typeof value !== "string")) return undefined;
  return given as unknown as PasskeyProof;
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function readClientData(bytes: Bytes): JsonObject | undefined {
  try {
    return objectOf(parseJson(textOf(bytes) ?? "", { maxBytes: 16_384 }));
  } catch {
    return undefined;
  }
}

async function isSigned(key: PasskeyKey, signature: Bytes, message: Bytes): Promise<boolean> {
  try {
    if (key.alg === "ES256" && key.kty === "EC" && key.crv === "P-256") {
      const raw = rawOfDer(signature);
      if (raw === undefined) return false;
      return await verified(
        key,
        { name: "ECDSA", namedCurve: "P-256" },
        { name: "ECDSA", hash: "SHA-256" },
        raw,
        message,
      );
    }
    if (key.alg === "EdDSA" && key.kty === "OKP" && key.crv === "Ed25519")
      return await verified(key, { name: "Ed25519" }, { name: "Ed25519" }, signature, message);
    if (key.alg === "RS256" && key.kty === "RSA") {
      const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      return await verified(key, rsa, rsa, signature, message);
    }
    return false;
  } catch {
    return false;
  }
}

type Algorithm = { readonly name: string; readonly namedCurve?: string; readonly hash?: string };

async function verified(
  { kty, crv, x, y, n, e }: PasskeyKey,
  of: Algorithm,
  how: Algorithm,
  signature: Bytes,
  message: Bytes,
): Promise<boolean> {
  const jwk = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined));
  const key = await crypto.subtle.importKey("jwk", jwk, of, false, ["verify"]);
  return crypto.subtle.verify(how, key, signature, message);
}

/** An ECDSA signature in DER as its two numbers of 32 bytes each; undefined where it is not one. */
function rawOfDer(der: Bytes): Bytes | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const first = numberAt(der, 2);
  const second = first === undefined ? undefined : numberAt(der, first.end);
  if (first === undefined || second === undefined || second.end !== der.length) return undefined;
  return concat(first.value, second.value);
}

function numberAt(der: Bytes, at: number): { readonly value: Bytes; readonly end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== 0x02 || length < 1 || length > 33 || end > der.length) return undefined;
  const digits = der.subarray(at + 2, end);
  const from = digits.length === 33 ? 1 : 0;
  if (from === 1 && digits[0] !== 0) return undefined;
  const value = new Uint8Array(32);
  value.set(digits.subarray(from), 32 - (digits.length - from));
  return { value, end };
}
