import type { JsonObject } from "@countersign/contract";

export type SigningAlgorithm = "EdDSA" | "ES256" | "RS256";

/** A public key with exactly the members that its kind needs; nothing a caller added is kept. */
export interface PublicJwk {
  readonly kty: "OKP" | "EC" | "RSA";
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly kid: string;
  readonly alg: SigningAlgorithm;
}

interface CredentialBody {
  readonly id: string;
  readonly note: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number;
  /** As of the last flush; undefined where it was never used. */
  readonly lastUsedAtMs: number | undefined;
}

export interface AgentKey extends CredentialBody {
  readonly kind: "agent_key";
  readonly agent: string;
  readonly environment: string;
  /** The person whom the agent acts for with it. */
  readonly onBehalfOf?: string;
  /** Whose hands may be behind the person whom it acts for: whoever made the key for somebody else, and who let them in. */
  readonly vouchedBy: readonly string[];
  readonly hash: Buffer;
}

/** A public key that an agent signs its client assertions with. */
export interface AgentPublicKey extends CredentialBody {
  readonly kind: "agent_jwk";
  readonly agent: string;
  readonly environment: string;
  readonly onBehalfOf?: string;
  readonly vouchedBy: readonly string[];
  readonly jwk: PublicJwk;
  readonly thumbprint: string;
}

/** An agent that an issuer outside vouches for, by a rule of the workspace in force: it ends with the rule. */
export interface AgentWorkload extends CredentialBody {
  readonly kind: "agent_workload";
  readonly agent: string;
  readonly environment: string;
  /** A workload acts for nobody. */
  readonly onBehalfOf?: never;
  readonly vouchedBy: readonly string[];
  readonly issuer: string;
  /** Digest of the rule. */
  readonly rule: string;
}

/** What the CLI of one person keeps. */
export interface PersonToken extends CredentialBody {
  readonly kind: "person_token";
  readonly person: string;
  readonly vouchedBy: readonly string[];
  readonly parent: string | undefined;
  readonly hash: Buffer;
}

export type Credential = AgentKey | AgentPublicKey | AgentWorkload | PersonToken;

/** What a login inherits of the link that it began with. */
export interface Origin {
  readonly vouchedBy: readonly string[];
  /** The credential with which somebody made the link for themself: what comes of it ends with that. */
  readonly parent: string | undefined;
  readonly notAfterMs: number | undefined;
}

/** From the server itself: nobody vouches for it but whoever holds the machine. */
export const ofTheServer: Origin = { vouchedBy: [], parent: undefined, notAfterMs: undefined };

/** What the ledger is to say of a deed in this room; the caller writes it in the same transaction. */
export interface IdentityEntry {
  readonly kind: "credential" | "login" | "rotated";
  readonly payload: JsonObject;
}

export const dayMs = 86_400_000;
