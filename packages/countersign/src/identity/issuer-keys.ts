import type { CryptoKey } from "jose";
import { importJWK } from "jose";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { SigningAlgorithm } from "./credential.ts";
import { readPublicJwk } from "./public-key.ts";

export interface IssuerKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly key: CryptoKey;
}

/** Follows no redirect, has a deadline and a limit. */
export type CarefulFetch = (url: string, init: RequestInit) => Promise<Response>;

/** How long keys count without being asked for again: so long does one live that its issuer has withdrawn. */
const freshMs = 600_000;
/** A key that is not known is asked for this often at most, and an issuer that cannot be asked no more than that either. */
const restMs = 10_000;
const mostKeys = 50;
const mostIssuers = 1_000;

interface Held {
  readonly keys: readonly IssuerKey[];
  readonly atTick: number;
}

/**
 * The keys of trusted issuers, as each replica has read them. Only issuers that a rule of the workspace names are asked:
 * an address in a token is not followed, nor is `jwk`, `jku` or `x5u` of its header.
 */
export class IssuerKeys {
  readonly #fetch: CarefulFetch;
  readonly #clock: Pick<Clock, "tick">;
  readonly #held = new Map<string, Held>();
  readonly #askedTick = new Map<string, number>();
  readonly #asking = new Map<string, Promise<Held>>();

  constructor(fetch: CarefulFetch, clock: Pick<Clock, "tick">) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** The issuer's key of this name; undefined where it has none. Fails with `unavailable` where that cannot be known now. */
  async find(issuer: string, kid: string): Promise<IssuerKey | undefined> {
    const held = this.#held.get(issuer);
    const tick = this.#clock.tick();
    const isFresh = held !== undefined && tick - held.atTick < freshMs;
    const known = isFresh ? held.keys.find((one) => one.kid === kid) : undefined;
    if (known !== undefined) return known;
    const asking = this.#asking.get(issuer);
    if (asking === undefined && tick - (this.#askedTick.get(issuer) ?? Number.NEGATIVE_INFINITY) < restMs) {
      if (isFresh) return undefined;
      throw away(issuer);
    }
    const read = await (asking ?? this.#ask(issuer));
    return read.keys.find((one) => one.kid === kid);
  }

  /** One question at a time: whoever comes meanwhile waits for its answer. */
  #ask(issuer: string): Promise<Held> {
    this.#makeRoom();
    const atTick = this.#clock.tick();
    this.#askedTick.set(issuer, atTick);
    const asking = readKeys(issuer, this.#fetch)
      .then((keys) => {
        const held = { keys, atTick };
        this.#held.set(issuer, held);
        return held;
      })
      .catch((cause: unknown) => {
        throw away(issuer, cause);
      })
      .finally(() => this.#asking.delete(issuer));
    this.#asking.set(issuer, asking);
    return asking;
  }

  #makeRoom(): void {
    const [oldest] = this.#askedTick.keys();
    if (this.#askedTick.size < mostIssuers || oldest === undefined) return;
    this.#askedTick.delete(oldest);
    this.#held.delete(oldest);
  }
}

async function readKeys(issuer: string, fetch: CarefulFetch): Promise<readonly IssuerKey[]> {
  const metadata = await readObject(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, fetch);
  if (metadata.issuer !== issuer) throw new Error("its metadata names another issuer");
  const { keys } = await readObject(keysAddress(issuer, metadata.jwks_uri), fetch);
  if (!Array.isArray(keys) || keys.length > mostKeys) throw new Error("its keys are no list that is taken");
  const read = await Promise.all(keys.map((one: unknown) => readKey(one)));
  const usable = read.filter((one) => one !== undefined);
  // Two keys of one name: which of them signed could not be told.
  return usable.filter(({ kid }) => usable.filter((other) => other.kid === kid).length === 1);
}

/** An issuer says where its keys are: with TLS, and on this machine only where the issuer itself is. */
function keysAddress(issuer: string, address: unknown): string {
  if (typeof address !== "string" || address.length > 2000 || !URL.canParse(address))
    throw new Error("its `jwks_uri` is no address");
  const url = new URL(address);
  const own = new URL(issuer);
  const isOwnHost = url.hostname === own.hostname;
  const isSafe = url.protocol === "https:" || (own.protocol === "http:" && url.protocol === "http:" && isOwnHost);
  const isInside = /^(localhost|127\.|0\.|169\.254\.|\[::1?\]|\[fe[89ab]|\[::ffff:)/.test(url.hostname);
  if (!isSafe || (isInside && !isOwnHost) || url.username !== "" || url.password !== "")
    throw new Error("its `jwks_uri` is no safe address");
  return url.href;
}

async function readObject(url: string, fetch: CarefulFetch): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  if (response.status !== 200) throw new Error(`it answers ${response.status}`);
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Error("it answers no object");
  return { ...body };
}

/** A key of another kind than is taken here is as if it were not there. */
async function readKey(given: unknown): Promise<IssuerKey | undefined> {
  try {
    if (typeof given !== "object" || given === null || !("kid" in given)) return undefined;
    const { kid } = given;
    if (typeof kid !== "string" || kid === "" || kid.length > 200) return undefined;
    const { jwk } = await readPublicJwk(given);
    const key = await importJWK({ ...jwk }, jwk.alg);
    return key instanceof Uint8Array ? undefined : { kid, alg: jwk.alg, key };
  } catch {
    return undefined;
  }
}

function away(issuer: string, cause?: unknown): Problem {
  return new Problem("unavailable", `the keys of \`${new URL(issuer).host}\` cannot be read now`, {
    help: "try again in a while",
    ...(cause === undefined ? {} : { cause }),
  });
}
