import type { Tier } from "@countersign/contract";
import type { Workload } from "./workload.ts";

/** An agent that has proven who it is. */
export interface Caller {
  readonly kind: "agent";
  readonly agent: string;
  /** The person who owns the agent: an e-mail address from the workspace. */
  readonly owner: string;
  readonly workflow: string;
  readonly dri: string;
  readonly tier: Tier;
  readonly groups: readonly string[];
  /** Credential id, never its value. */
  readonly credential: string;
  /** Where an issuer outside vouched for it: which one, and as what it knows it. */
  readonly workload?: Workload;
  /** The environment that the credential was issued for: an agent has one account in each. */
  readonly environment?: string;
  /** The person it acts for: from its credential, or whoever reverses its action. Never from what it says. */
  readonly onBehalfOf?: string;
  /** Who vouched for the login of the person that it acts for; where it acts for nobody, who issued its key. */
  readonly vouchedBy?: readonly string[];
}

export const roles = ["viewer", "approver", "dri", "operator", "auditor", "admin"] as const;
export type Role = (typeof roles)[number];

/** A person who has proven who they are. */
export interface PersonCaller {
  readonly kind: "person";
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly credential: string;
  /** Who made the link that this login began with, where that was somebody else: where two people are asked for, they are one. */
  readonly vouchedBy?: readonly string[];
  /** How they proved it, as receipts name it. */
  readonly method: "link" | "cli" | "oidc" | "passkey" | "slack";
}
