import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import type { Issued } from "./issued.ts";
import type { Lease } from "./store.ts";

export interface LeaseUse {
  readonly actionId?: string;
  readonly server: string;
}

/** A lease as its holder has it. After release or revocation `value` fails with `unavailable`. */
export interface HeldLease extends Lease {
  readonly name: string;
  readonly version: number;
  /** Aborts when the lease is revoked: close the request or end the child that was given the value. */
  readonly revoked: AbortSignal;
}

/** A lease as people see it: never its value. */
export interface LeaseView extends LeaseUse {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly at: string;
}

export interface Leases {
  open(name: string, version: number, value: Secret, use: LeaseUse): HeldLease;
  list(): readonly LeaseView[];
  /** Revokes what matches and says what that was. */
  revokeAll(filter: (lease: LeaseView) => boolean, reason: string): readonly LeaseView[];
}

/** The leases of this process. They end with it: a lease is nothing but the right to read a value here. */
export function createLeases(clock: Clock, issued: Issued): Leases {
  const held = new Map<string, { readonly view: LeaseView; end(reason: string): void }>();

  function open(name: string, version: number, value: Secret, use: LeaseUse): HeldLease {
    // INVARIANT: a value is known before anyone holds it, so nothing that comes back can precede the search for it.
    issued.remember(value);
    const id = newId("lse", clock.now());
    const revoked = new AbortController();
    let current: Secret | undefined = value;
    let ended = "released";
    held.set(id, {
      view: { id, name, version, at: iso(clock.now()), ...use },
      end(reason) {
        current = undefined;
        ended = reason;
        held.delete(id);
        revoked.abort(new Problem("unavailable", `the secret \`${name}\` was revoked: ${reason}`));
      },
    });
    return {
      id,
      name,
      version,
      revoked: revoked.signal,
      get value() {
        if (current === undefined)
          throw new Problem("unavailable", `the lease of secret \`${name}\` has ended: ${ended}`);
        return current;
      },
      async release() {
        current = undefined;
        held.delete(id);
      },
    };
  }

  return {
    open,
    list: () => [...held.values()].map(({ view }) => view),
    revokeAll(filter, reason) {
      const matching = [...held.values()].filter(({ view }) => filter(view));
      for (const lease of matching) lease.end(reason);
      return matching.map(({ view }) => view);
    },
  };
}
