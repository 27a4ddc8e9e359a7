import { sha256 } from "../floor/digest.ts";
import type { Secret } from "../floor/secret.ts";

/**
 * The values that have left the store, for as long as they may come back. It fits the checks room's `KnownValues`,
 * which searches every argument and result for them.
 */
export interface Issued {
  /** Rises when a value is new, so that an index over the values is built anew only then. */
  readonly revision: number;
  values(): Iterable<Secret>;
  remember(value: Secret): void;
}

/** Values beyond `most` push out the ones that were handed out longest ago. */
export function createIssued(most = 10_000): Issued {
  const byDigest = new Map<string, Secret>();
  let revision = 0;
  return {
    get revision() {
      return revision;
    },
    values: () => byDigest.values(),
    remember(value) {
      const digest = sha256(value.reveal()).toString("base64");
      if (byDigest.delete(digest)) {
        byDigest.set(digest, value);
        return;
      }
      byDigest.set(digest, value);
      const [oldest] = byDigest.keys();
      if (byDigest.size > most && oldest !== undefined) byDigest.delete(oldest);
      revision++;
    },
  };
}
