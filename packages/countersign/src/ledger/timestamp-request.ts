import { freshBytes } from "../floor/id.ts";

/** Eight bytes whose first is neither 0 nor negative, so that DER writes them as they are. */
export function timestampNonce(): Buffer {
  const nonce = freshBytes(8);
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  return nonce;
}

/**
 * A TimeStampReq (RFC 3161 section 2.4.1) in DER: version 1, a SHA-256 digest, a nonce of `timestampNonce`, and the
 * signer's certificate asked for. Nothing in it varies in length.
 */
export function timestampRequest(digest: Buffer, nonce: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from("30430201013031300d060960864801650304020105000420", "hex"),
    digest,
    Buffer.from("0208", "hex"),
    nonce,
    Buffer.from("0101ff", "hex"),
  ]);
}
