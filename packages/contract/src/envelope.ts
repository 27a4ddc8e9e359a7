import { type Bytes, concat, toBase64, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { Flaw } from "./flaw.ts";
import type { VerifierKey } from "./note.ts";
import { readBase64, readDocument, readList, readMembers, readText } from "./shape.ts";

export const payloadType = "application/vnd.in-toto+json";

export interface Envelope {
  readonly payload: Bytes;
  /** `name+id` of the key that signed. */
  readonly keyId: string;
  readonly signature: Bytes;
}

/**
 * What is signed (DSSE pre-authentication encoding). Its first word keeps purposes apart: a checkpoint's first line is
 * a log's origin, which holds no space, so no signature on a checkpoint fits an envelope, nor the reverse.
 */
export function preAuthentication(payload: Uint8Array): Bytes {
  return concat(utf8(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload);
}

export function envelopeKeyId(key: Pick<VerifierKey, "name" | "id">): string {
  return `${key.name}+${key.id}`;
}

/** The one spelling of an envelope. */
export function formatEnvelope(payload: Uint8Array, keyId: string, signature: Uint8Array): string {
  return canonical({
    payload: toBase64(payload),
    payloadType,
    signatures: [{ keyid: keyId, sig: toBase64(signature) }],
  });
}

/** Reads exactly one canonical envelope with exactly one signature; a byte more or less is a `Flaw`. */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const envelope = readMembers(readDocument(bytes, "envelope"), "envelope", ["payload", "payloadType", "signatures"]);
  if (envelope.payloadType !== payloadType) throw new Flaw("shape", "envelope", "the payload is of another type");
  const payload = readBase64(envelope.payload, "envelope/payload");
  const [first, ...more] = readList(envelope.signatures, "envelope/signatures");
  if (more.length > 0) throw new Flaw("shape", "envelope/signatures", "there must be one signature");
  const signed = readMembers(first, "envelope/signatures/0", ["keyid", "sig"]);
  return {
    payload,
    keyId: readText(signed.keyid, "envelope/signatures/0/keyid"),
    signature: readBase64(signed.sig, "envelope/signatures/0/sig", 64),
  };
}
