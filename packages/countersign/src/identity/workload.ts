import { canonical } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";

/** A claim as it has to stand in an issuer's token. */
export type ClaimRule =
  | { readonly name: string; readonly is: string | boolean }
  | { readonly name: string; readonly prefix: string };

/** Whom an agent's own runtime is known by: an issuer of tokens, and what one has to say. */
export interface TrustedIssuer {
  readonly issuer: string;
  /** The environment that the agent acts in with it. */
  readonly environment: string;
  /** Where absent, this server's public address. */
  readonly audience?: string;
  readonly claims: readonly ClaimRule[];
  /** One token may be brought again while it lives, with the same proof key each time. */
  readonly reusable: boolean;
  readonly note?: string;
}

export interface WorkloadRule extends TrustedIssuer {
  readonly agent: string;
  /** Of all that it says. */
  readonly digest: string;
}

/** Who it was by its issuer's word: a receipt names both. */
export interface Workload {
  readonly issuer: string;
  readonly subject: string;
}

export function workloadRules(
  agents: readonly { readonly name: string; readonly identity?: readonly TrustedIssuer[] }[],
): readonly WorkloadRule[] {
  return agents.flatMap(({ name, identity = [] }) =>
    identity.map((one) => ({ ...one, agent: name, digest: digestText(canonical(JSON.parse(JSON.stringify(one)))) })),
  );
}

/** Whether a token of this issuer with these claims is one that the rule means. */
export function isMeant(
  rule: TrustedIssuer,
  token: { readonly issuer: string; readonly audience: string; readonly claims: Readonly<Record<string, unknown>> },
  ownAudience: string,
): boolean {
  if (rule.issuer !== token.issuer || (rule.audience ?? ownAudience) !== token.audience) return false;
  return rule.claims.every((wanted) => {
    const said = Object.hasOwn(token.claims, wanted.name) ? token.claims[wanted.name] : undefined;
    return "is" in wanted ? said === wanted.is : typeof said === "string" && said.startsWith(wanted.prefix);
  });
}

/** Whether one token could fit both: then nobody could tell who it is. */
export function couldBothMean(one: TrustedIssuer, other: TrustedIssuer): boolean {
  if (one.issuer !== other.issuer) return false;
  // Where one names no audience it is this server's, which the other may have written out.
  if (one.audience !== undefined && other.audience !== undefined && one.audience !== other.audience) return false;
  return one.claims.every((claim) => {
    const same = other.claims.find(({ name }) => name === claim.name);
    return same === undefined || canAgree(claim, same);
  });
}

function canAgree(one: ClaimRule, other: ClaimRule): boolean {
  if ("is" in one && "is" in other) return one.is === other.is;
  if ("prefix" in one && "prefix" in other)
    return one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  const [exact, prefix] = "is" in one ? [one.is, other] : ["is" in other ? other.is : "", one];
  return typeof exact === "string" && "prefix" in prefix && exact.startsWith(prefix.prefix);
}

/** In words, for plans and lists: `sub "repo:acme/app:ref:refs/heads/main" of https://…`. The text "true" is not `true`. */
export function workloadWords({ issuer, claims }: Pick<TrustedIssuer, "issuer" | "claims">): string {
  const said = claims
    .map((claim) => `${claim.name} ${"is" in claim ? JSON.stringify(claim.is) : `${JSON.stringify(claim.prefix)}…`}`)
    .join(", ");
  return `${said} of ${issuer}`;
}
