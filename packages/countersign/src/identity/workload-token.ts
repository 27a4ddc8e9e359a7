import { compactVerify, decodeJwt, decodeProtectedHeader } from "jose";
import { sha256 } from "../floor/digest.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { namesAlgorithm } from "./public-key.ts";

/** A token of a trusted issuer whose signature and times hold. Whom it means is still to be asked, and whether it was used. */
export interface WorkloadToken {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What it is remembered by once it was used: of its issuer and `jti`, or of all that is signed where it has none. */
  readonly hash: Buffer;
  /** After this every replica refuses it for its age. */
  readonly forgetAtMs: number;
}

const skewMs = 30_000;
/** Another replica's clock may be behind that of the one that deletes: far longer than any that is kept in step. */
const forgetAfterMs = 600_000;
/** Tokens in files and from metadata servers live for an hour. */
const longestMs = 3_600_000;
const longest = 8192;
/** An access token of the same issuer, or a token that says that somebody logged out, is no proof of who brings it. */
const types: readonly unknown[] = [undefined, "JWT", "jwt", "JOSE"];

interface Said {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly jti: string | undefined;
  readonly forgetAtMs: number;
}

/**
 * Undefined for whatever does not hold, never saying which part. No issuer is asked that `trusts` does not name. Fails with
 * `unavailable` where the issuer's keys cannot be read.
 */
export async function readWorkloadToken(
  text: string,
  {
    trusts,
    keys,
    nowMs,
  }: { readonly trusts: (issuer: string) => boolean; readonly keys: IssuerKeys; readonly nowMs: number },
): Promise<WorkloadToken | undefined> {
  const read = parse(text);
  if (read === undefined || !types.includes(read.header.typ)) return undefined;
  const { header, claims } = read;
  if (header.crit !== undefined || header.b64 !== undefined || typeof header.kid !== "string") return undefined;
  const said = readSaid(claims, nowMs);
  if (said === undefined || !trusts(said.issuer)) return undefined;
  const key = await keys.find(said.issuer, header.kid);
  // INVARIANT: which algorithm counts is the key's matter: `none`, and a secret made of a public key, verify with none.
  if (key === undefined || !namesAlgorithm(header.alg, key.alg)) return undefined;
  if (
    !(await compactVerify(text, key.key, { algorithms: [header.alg ?? ""] }).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  const { issuer, subject, audience, jti, forgetAtMs } = said;
  // Without the signature: some algorithms have a second one that verifies as well.
  const name = jti === undefined ? `signed\n${text.slice(0, text.lastIndexOf("."))}` : `jti\n${jti}`;
  return { issuer, subject, audience, claims, hash: sha256(`workload\n${issuer}\n${name}`), forgetAtMs };
}

function parse(text: string) {
  try {
    if (text.length > longest) return undefined;
    return { header: decodeProtectedHeader(text), claims: decodeJwt(text) as Readonly<Record<string, unknown>> };
  } catch {
    return undefined;
  }
}

function readSaid(
  { iss, sub, aud, exp, iat, nbf, jti }: Readonly<Record<string, unknown>>,
  nowMs: number,
): Said | undefined {
  if (typeof iss !== "string" || typeof sub !== "string" || sub === "" || sub.length > 1024) return undefined;
  // One audience only: whoever else it is addressed to could bring it here.
  const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (typeof audience !== "string") return undefined;
  if (typeof exp !== "number" || typeof iat !== "number") return undefined;
  if (!(exp * 1000 > nowMs - skewMs) || !(iat * 1000 <= nowMs + skewMs)) return undefined;
  if (!(exp > iat) || (exp - iat) * 1000 > longestMs) return undefined;
  if (nbf !== undefined && !(typeof nbf === "number" && nbf * 1000 <= nowMs + skewMs)) return undefined;
  if (jti !== undefined && (typeof jti !== "string" || jti === "" || jti.length > 512)) return undefined;
  return { issuer: iss, subject: sub, audience, jti, forgetAtMs: exp * 1000 + forgetAfterMs };
}
