import { oneLine } from "./account.ts";

/** One stretch of use of a credential by one client from one address. */
export interface Sighting {
  readonly credential: string;
  readonly client: string;
  readonly address: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly uses: number;
}

/** A credential that two clients, or two addresses, used in overlapping stretches: one account may have two users. */
export interface SharedUse {
  readonly credential: string;
  readonly differs: readonly ("client" | "address")[];
  readonly sightings: readonly Sighting[];
}

/** A stretch ends where nothing came for this long. */
export const quietMs = 600_000;
const mostOpen = 16;

interface Open {
  readonly client: string;
  readonly address: string;
  readonly firstAtMs: number;
  lastAtMs: number;
  uses: number;
  flushedUses: number;
}

/**
 * Who uses which credential, kept in memory by each replica and flushed now and then. Only accepted credentials get here,
 * so it is bounded by how many are live; a client that changes its name at every call is cut at sixteen stretches.
 */
export class UseLog {
  readonly #open = new Map<string, Open[]>();

  observe(use: {
    readonly credential: string;
    readonly client: string;
    readonly address: string;
    readonly atMs: number;
  }): void {
    const stretches = this.#open.get(use.credential) ?? [];
    const client = oneLine(use.client, 120);
    const address = oneLine(use.address, 64);
    const same = stretches.find(
      (one) => one.client === client && one.address === address && use.atMs - one.lastAtMs < quietMs,
    );
    if (same !== undefined) {
      same.lastAtMs = Math.max(same.lastAtMs, use.atMs);
      same.uses += 1;
      return;
    }
    if (stretches.length >= mostOpen) return;
    stretches.push({ client, address, firstAtMs: use.atMs, lastAtMs: use.atMs, uses: 1, flushedUses: 0 });
    this.#open.set(use.credential, stretches);
  }

  /** What was seen since the last call, each stretch as a whole; stretches that have ended are forgotten here. */
  take(nowMs: number): readonly (Sighting & { readonly newUses: number })[] {
    const taken: (Sighting & { readonly newUses: number })[] = [];
    for (const [credential, stretches] of this.#open) {
      for (const { flushedUses, ...stretch } of stretches) {
        if (stretch.uses > flushedUses) taken.push({ credential, ...stretch, newUses: stretch.uses - flushedUses });
      }
      const left = stretches.filter((one) => nowMs - one.lastAtMs < quietMs);
      for (const one of left) one.flushedUses = one.uses;
      if (left.length === 0) this.#open.delete(credential);
      else this.#open.set(credential, left);
    }
    return taken;
  }
}

/** Credentials with overlapping stretches of different users: pure, over what all replicas have seen. */
export function sharedUses(sightings: readonly Sighting[]): readonly SharedUse[] {
  const byCredential = Map.groupBy(sightings, (one) => one.credential);
  return [...byCredential].flatMap(([credential, all]) => {
    const sorted = all.toSorted((a, b) => a.firstAtMs - b.firstAtMs);
    const found = new Set<Sighting>();
    const differs = new Set<"client" | "address">();
    for (const [index, one] of sorted.entries()) {
      for (const other of sorted.slice(index + 1)) {
        if (other.firstAtMs > one.lastAtMs) break;
        if (one.client === other.client && one.address === other.address) continue;
        if (one.client !== other.client) differs.add("client");
        if (one.address !== other.address) differs.add("address");
        found.add(one).add(other);
      }
    }
    return found.size === 0
      ? []
      : [{ credential, differs: [...differs].sort(), sightings: sorted.filter((one) => found.has(one)) }];
  });
}
