import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { sha256 } from "../floor/digest.ts";
import { algorithmOf, namesAlgorithm, readPublicJwk } from "./public-key.ts";

export interface ProofUse {
  readonly method: string;
  /** Address of the request as its sender knows it: the public one. Query and fragment do not count. */
  readonly url: string;
  /** The token that comes with the proof; absent at the token endpoint. */
  readonly token?: string;
  readonly nowMs: number;
}

/** How far a proof's time may be from ours, and so how long its `jti` is remembered. */
const windowMs = 60_000;

/**
 * Proofs seen by this replica. A proof copied off the wire could still be used once at each other replica within the
 * window; what it is used with, the token, is bound to address and method either way.
 */
export class SeenProofs {
  readonly #capacity: number;
  readonly #perKey: number;
  readonly #until = new Map<string, number>();
  readonly #ofKey = new Map<string, number>();

  constructor(capacity = 100_000, perKey = 20_000) {
    this.#capacity = capacity;
    this.#perKey = perKey;
  }

  /** False where it was seen before, or where there is no room to remember it: then it is not accepted. */
  add(jkt: string, jti: string, nowMs: number): boolean {
    this.#sweep(nowMs);
    const name = `${jkt} ${sha256(jti).toString("base64")}`;
    const count = this.#ofKey.get(jkt) ?? 0;
    if (this.#until.has(name) || this.#until.size >= this.#capacity || count >= this.#perKey) return false;
    this.#until.set(name, nowMs + 2 * windowMs);
    this.#ofKey.set(jkt, count + 1);
    return true;
  }

  #sweep(nowMs: number): void {
    for (const [name, until] of this.#until) {
      if (until > nowMs) return;
      this.#until.delete(name);
      const jkt = name.slice(0, name.indexOf(" "));
      const left = (this.#ofKey.get(jkt) ?? 1) - 1;
      if (left === 0) this.#ofKey.delete(jkt);
      else this.#ofKey.set(jkt, left);
    }
  }
}

/** Thumbprint of the key that made this proof for exactly this request (RFC 9449); undefined where it does not hold. */
export async function readProof(proof: string, use: ProofUse, seen: SeenProofs): Promise<string | undefined> {
  try {
    if (proof.length > 8192) return undefined;
    const header = decodeProtectedHeader(proof);
    const alg = header.jwk === undefined ? undefined : algorithmOf(header.jwk);
    if (header.typ !== "dpop+jwt" || alg === undefined || !namesAlgorithm(header.alg, alg)) return undefined;
    const { jwk } = await readPublicJwk(header.jwk);
    const { payload } = await compactVerify(proof, await importJWK({ ...jwk }, header.alg ?? alg), {
      algorithms: [header.alg ?? alg],
    });
    const jti = matchClaims(JSON.parse(new TextDecoder().decode(payload)), use);
    if (jti === undefined) return undefined;
    const jkt = await calculateJwkThumbprint({ ...jwk });
    return seen.add(jkt, jti, use.nowMs) ? jkt : undefined;
  } catch {
    return undefined;
  }
}

function matchClaims(body: Record<string, unknown>, use: ProofUse): string | undefined {
  const { htm, htu, jti, iat, ath } = body;
  if (htm !== use.method.toUpperCase() || typeof htu !== "string" || bare(htu) !== bare(use.url)) return undefined;
  if (typeof jti !== "string" || jti === "" || jti.length > 256) return undefined;
  if (typeof iat !== "number" || Math.abs(iat * 1000 - use.nowMs) > windowMs) return undefined;
  const wanted = use.token === undefined ? undefined : sha256(use.token).toString("base64url");
  return ath === wanted ? jti : undefined;
}

function bare(address: string): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}
