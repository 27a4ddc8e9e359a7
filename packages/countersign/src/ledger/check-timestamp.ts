import { createHash, verify, X509Certificate } from "node:crypto";
import { Certificate, SignedData, type SignerInfo, TimeStampResp, TSTInfo } from "pkijs";
import { Problem } from "../floor/problem.ts";

/** What an authority's answer proves. */
export interface Timestamp {
  /** The authority's time: what it signed existed then. */
  readonly at: string;
  /** How far the authority says that its time may be off, in ms. */
  readonly accuracyMs: number;
  /** Subject of the certificate that signed. */
  readonly signer: string;
}

const signedData = "1.2.840.113549.1.7.2";
const tstInfo = "1.2.840.113549.1.9.16.1.4";
const contentType = "1.2.840.113549.1.9.3";
const messageDigest = "1.2.840.113549.1.9.4";
const extendedKeyUsage = "2.5.29.37";
const timeStamping = "1.3.6.1.5.5.7.3.8";
const sha256 = "2.16.840.1.101.3.4.2.1";

const digests: Readonly<Record<string, string>> = {
  [sha256]: "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
/** Which certificate signed is told by its digest: RFC 2634 with SHA-1, RFC 5035 with any. */
const signingCertificates = { v1: "1.2.840.113549.1.9.16.2.12", v2: "1.2.840.113549.1.9.16.2.47" };
/** Signature algorithms by the digest that they name; those without one use the signer's. RSA is PKCS #1 v1.5. */
const signatures: Readonly<Record<string, { readonly key: string; readonly digest?: string }>> = {
  "1.2.840.113549.1.1.1": { key: "rsa" },
  "1.2.840.113549.1.1.11": { key: "rsa", digest: "sha256" },
  "1.2.840.113549.1.1.12": { key: "rsa", digest: "sha384" },
  "1.2.840.113549.1.1.13": { key: "rsa", digest: "sha512" },
  "1.2.840.10045.4.3.2": { key: "ec", digest: "sha256" },
  "1.2.840.10045.4.3.3": { key: "ec", digest: "sha384" },
  "1.2.840.10045.4.3.4": { key: "ec", digest: "sha512" },
};
const mostCertificates = 6;
const longestChain = 4;

/**
 * Checks a TimeStampResp (RFC 3161): that it grants, that it speaks of this SHA-256 digest and answers this nonce, and
 * that who signed it is one of the trusted certificates or descends from one, may sign timestamps, and could at that
 * time. Throws `invalid` with what is wrong. Revocation is not asked for: that would need another network.
 */
export function checkTimestamp(
  answer: Buffer,
  asked: { readonly digest: Buffer; readonly nonce?: Buffer },
  trusted: readonly X509Certificate[],
): Timestamp {
  const { data, content } = read(answer);
  const info = parsed(() => TSTInfo.fromBER(view(content)));
  const imprint = info.messageImprint;
  const isOurs =
    imprint.hashAlgorithm.algorithmId === sha256 &&
    asked.digest.equals(bytes(imprint.hashedMessage.valueBlock.valueHexView));
  if (!isOurs) throw wrong("is about another digest than the checkpoint's");
  if (asked.nonce !== undefined && !asked.nonce.equals(bytes(info.nonce?.valueBlock.valueHexView)))
    throw wrong("does not answer this request: its nonce is another");
  const [signer] = data.signerInfos;
  if (signer === undefined || data.signerInfos.length > 1) throw wrong("is not signed by exactly one signer");
  const carried = (data.certificates ?? []).flatMap((one) => (one instanceof Certificate ? [certificateOf(one)] : []));
  if (carried.length > mostCertificates) throw wrong("carries more certificates than a chain needs");
  const certificate = signedBy(signer, content, [...carried, ...trusted]);
  const atMs = info.genTime.getTime();
  if (!mayStamp(certificate)) throw wrong("is signed with a certificate that is not for timestamps");
  if (!descends(certificate, carried, trusted, atMs))
    throw wrong("is signed by nobody whom the configured certificates vouch for");
  const { seconds = 0, millis = 0, micros = 0 } = info.accuracy ?? {};
  return {
    at: info.genTime.toISOString(),
    accuracyMs: seconds * 1000 + millis + micros / 1000,
    signer: certificate.subject.replaceAll("\n", ", "),
  };
}

function read(answer: Buffer): { readonly data: SignedData; readonly content: Buffer } {
  const response = parsed(() => TimeStampResp.fromBER(view(answer)));
  // 0 is granted, 1 granted with changes.
  if (response.status.status > 1) throw wrong(`refuses: status ${response.status.status}`);
  const token = response.timeStampToken;
  if (token?.contentType !== signedData) throw wrong("holds no token");
  const data = parsed(() => new SignedData({ schema: token.content }));
  const content = data.encapContentInfo.eContent;
  if (data.encapContentInfo.eContentType !== tstInfo || content === undefined) throw wrong("holds no timestamp");
  return { data, content: bytes(content.getValue()) };
}

/** The certificate that the signed attributes name, once its key has signed them and they bind this content. */
function signedBy(signer: SignerInfo, content: Buffer, candidates: readonly X509Certificate[]): X509Certificate {
  const attributes = signer.signedAttrs;
  const digest = digests[signer.digestAlgorithm.algorithmId];
  const scheme = signatures[signer.signatureAlgorithm.algorithmId];
  if (attributes === undefined) throw wrong("has no signed attributes");
  if (digest === undefined || scheme === undefined) throw wrong("uses a digest or signature that is not accepted");
  const only = (type: string) => {
    const found = attributes.attributes.filter((one) => one.type === type);
    return found.length === 1 && found[0]?.values.length === 1 ? found[0].values[0] : undefined;
  };
  const bound = bytes(only(messageDigest)?.valueBlock.valueHexView);
  if (only(contentType)?.valueBlock.toString() !== tstInfo || !bound.equals(hash(digest, content)))
    throw wrong("was changed after it was signed");
  const named =
    namedCertificate(only(signingCertificates.v2), "sha256") ?? namedCertificate(only(signingCertificates.v1), "sha1");
  const certificate = candidates.find((one) => named?.value.equals(hash(named.digest, one.raw)) === true);
  if (certificate === undefined) throw wrong("does not name a certificate that is here");
  const { publicKey } = certificate;
  const signature = bytes(signer.signature.getValue());
  const isSigned =
    publicKey.asymmetricKeyType === scheme.key &&
    verify(scheme.digest ?? digest, bytes(attributes.encodedValue), publicKey, signature);
  if (!isSigned) throw wrong("has a signature that is not its certificate's");
  return certificate;
}

/** SigningCertificate(V2) is a sequence of sequences of `[algorithm] digest [issuer]`; the first is the signer's. */
function namedCertificate(
  value: unknown,
  otherwise: string,
): { readonly digest: string; readonly value: Buffer } | undefined {
  const parts = children(children(children(value)[0])[0]);
  const algorithm =
    parts[0] === undefined || !Array.isArray(parts[0].valueBlock.value) ? undefined : children(parts[0])[0];
  const digest = algorithm === undefined ? otherwise : digests[String(algorithm.valueBlock)];
  const value_ = parts[algorithm === undefined ? 0 : 1]?.valueBlock.valueHexView;
  return digest === undefined || value_ === undefined ? undefined : { digest, value: bytes(value_) };
}

interface Node {
  readonly valueBlock: { readonly value?: unknown; readonly valueHexView?: Uint8Array };
}

function children(value: unknown): readonly Node[] {
  const list = (value as Node | undefined)?.valueBlock?.value;
  return Array.isArray(list) ? (list as Node[]) : [];
}

/** RFC 3161 section 2.3: one purpose, and it is critical. */
function mayStamp(certificate: X509Certificate): boolean {
  const extension = parsed(() => Certificate.fromBER(view(certificate.raw))).extensions?.find(
    (one) => one.extnID === extendedKeyUsage,
  );
  return extension?.critical === true && certificate.keyUsage?.length === 1 && certificate.keyUsage[0] === timeStamping;
}

/** INVARIANT: a chain ends only in a trusted certificate; those that came with the answer are links and nothing more. */
function descends(
  certificate: X509Certificate,
  carried: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  atMs: number,
  depth = 0,
): boolean {
  if (atMs < certificate.validFromDate.getTime() || atMs > certificate.validToDate.getTime()) return false;
  if (trusted.some((one) => one.raw.equals(certificate.raw))) return true;
  if (depth === longestChain) return false;
  return [...trusted, ...carried].some(
    (issuer) =>
      issuer.ca &&
      certificate.checkIssued(issuer) &&
      certificate.verify(issuer.publicKey) &&
      descends(issuer, carried, trusted, atMs, depth + 1),
  );
}

function certificateOf(certificate: Certificate): X509Certificate {
  return parsed(() => new X509Certificate(bytes(certificate.toSchema().toBER())));
}

function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw wrong("is not a timestamp that can be read", cause);
  }
}

function hash(algorithm: string, content: Uint8Array): Buffer {
  return createHash(algorithm).update(content).digest();
}

function bytes(value: ArrayBuffer | Uint8Array | undefined): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(new Uint8Array(value));
}

/** A copy whose buffer holds nothing else: the parser reads from the start of the buffer that lies under a view. */
function view(value: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value);
}

function wrong(why: string, cause?: unknown): Problem {
  return new Problem("invalid", `the authority's answer ${why}`, cause === undefined ? {} : { cause });
}
