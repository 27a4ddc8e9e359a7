import { timingSafeEqual } from "node:crypto";
import { Problem } from "../floor/problem.ts";
import type { AgentKey, AgentPublicKey, AgentWorkload, Credential, PersonToken } from "./credential.ts";
import type { ParsedKey } from "./key-text.ts";

/** Everything live at one revision: immutable, replaced as a whole, so that a revocation is one assignment. */
export interface CredentialSet {
  readonly revision: string;
  /** Monotonic time at which the database last confirmed this revision. */
  readonly confirmedTick: number;
  readonly byId: ReadonlyMap<string, Credential>;
  readonly publicKeysOf: ReadonlyMap<string, readonly AgentPublicKey[]>;
}

/** How long a replica that cannot read the database still trusts what it knows. */
export const staleAfterMs = 5_000;

export function credentialSet(
  revision: string,
  confirmedTick: number,
  credentials: readonly Credential[],
): CredentialSet {
  const publicKeysOf = new Map<string, AgentPublicKey[]>();
  for (const credential of credentials) {
    if (credential.kind !== "agent_jwk") continue;
    const keys = publicKeysOf.get(credential.agent);
    if (keys === undefined) publicKeysOf.set(credential.agent, [credential]);
    else keys.push(credential);
  }
  return { revision, confirmedTick, byId: new Map(credentials.map((one) => [one.id, one])), publicKeysOf };
}

/** Fails with `unavailable` where revocations may have been missed: nobody is let in on old knowledge. */
export function requireFresh(set: CredentialSet, tick: number): void {
  if (tick - set.confirmedTick <= staleAfterMs) return;
  throw new Problem("unavailable", "who may call cannot be confirmed now", {
    help: "the server has lost its database; try again in a few seconds",
  });
}

export function liveCredential(set: CredentialSet, id: string, nowMs: number): Credential | undefined {
  const found = set.byId.get(id);
  return found !== undefined && nowMs < found.expiresAtMs ? found : undefined;
}

/** The live identity that stands for this rule of an agent; undefined where it was revoked. */
export function workloadOf(
  set: CredentialSet,
  { agent, digest }: { readonly agent: string; readonly digest: string },
  nowMs: number,
): AgentWorkload | undefined {
  for (const one of set.byId.values())
    if (one.kind === "agent_workload" && one.rule === digest && one.agent === agent)
      return nowMs < one.expiresAtMs ? one : undefined;
  return undefined;
}

/** Agents with a live key, each with the environments that it has one for: with no other may it act there. */
export function keyedEnvironments(set: CredentialSet, nowMs: number): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const one of set.byId.values()) {
    if (one.kind === "person_token" || nowMs >= one.expiresAtMs) continue;
    found.set(one.agent, (found.get(one.agent) ?? new Set()).add(one.environment));
  }
  return found;
}

/** Whether what something was opened with still opens anything, back to what came from somebody else or the server. */
export function isRooted(set: CredentialSet, parent: string | undefined, nowMs: number): boolean {
  let next = parent;
  while (next !== undefined) {
    const found = liveCredential(set, next, nowMs);
    if (found?.kind !== "person_token") return false;
    next = found.parent;
  }
  return true;
}

const nobody = Buffer.alloc(32);

/** The live credential that this text opens. Compares in constant time, and as much for an id that does not exist. */
export function matchKey(
  set: CredentialSet,
  kind: "agent_key" | "person_token",
  parsed: ParsedKey,
  nowMs: number,
): AgentKey | PersonToken | undefined {
  const found = liveCredential(set, parsed.id, nowMs);
  const candidate = found !== undefined && "hash" in found && found.kind === kind ? found : undefined;
  const same = timingSafeEqual(candidate?.hash ?? nobody, parsed.hash);
  return same ? candidate : undefined;
}
