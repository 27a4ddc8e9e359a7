import { carefulFetch } from "../../execution/mcp/careful-fetch.ts";
import type { Clock } from "../../floor/clock.ts";
import { FailedAttempts, IssuerKeys, SeenProofs, TokenCache, type TokenKeys, UseLog } from "../../identity/index.ts";

/** What this process knows about who may call; one for all doors. */
export interface IdentityMemory {
  readonly tokens: TokenCache;
  readonly seenProofs: SeenProofs;
  readonly attempts: FailedAttempts;
  /** Logins at the provider begun by each source: each asks the provider and keeps a place for ten minutes. */
  readonly begun: FailedAttempts;
  readonly uses: UseLog;
  /** Of the issuers that vouch for workloads. */
  readonly issuerKeys: IssuerKeys;
  readonly tokenKeys: () => TokenKeys;
}

export function openIdentityMemory(clock: Clock, tokenKeys: () => TokenKeys): IdentityMemory {
  return {
    tokens: new TokenCache(),
    seenProofs: new SeenProofs(),
    attempts: new FailedAttempts(),
    begun: new FailedAttempts({ limit: 60 }),
    uses: new UseLog(),
    issuerKeys: new IssuerKeys(carefulFetch, clock),
    tokenKeys,
  };
}
