import type { Json, JsonObject } from "@countersign/contract";
import { oneLine } from "./account.ts";
import type { Role } from "./caller.ts";
import type { Person } from "./directory.ts";

/** Which claims say who it is. */
export interface ClaimNames {
  readonly email: string;
  readonly verified: string;
  readonly name: string;
  readonly groups: string;
}

/** What of a provider's claims counts here, by the workspace in force. */
export interface ProviderRules {
  readonly issuer: string;
  readonly groups: readonly { readonly claim: string; readonly group: string }[];
  readonly newcomers: readonly { readonly claim: string; readonly roles: readonly Role[] }[];
}

/** What a provider said of a person at their last login. */
export interface ProviderPerson {
  readonly email: string;
  readonly issuer: string;
  /** The provider's own name of them, which stays when a mailbox is given to somebody else. */
  readonly subject: string;
  readonly name: string;
  /** Those that a rule of the workspace named when they logged in. */
  readonly groups: readonly string[];
}

const emailPattern = /^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const longestClaim = 300;

/** A person out of a provider's claims, or why they say nobody. A text is nobody's address before the provider has verified it. */
export function readClaims(
  claims: JsonObject,
  names: ClaimNames,
  rules: ProviderRules,
): ProviderPerson | { readonly fault: string; readonly help: string } {
  const { sub: subject } = claims;
  const given = claims[names.email];
  const email = typeof given === "string" && given.length <= 254 ? given.toLowerCase() : "";
  if (typeof subject !== "string" || subject === "" || subject.length > 255)
    return { fault: "the identity provider does not say who this is", help: "it sends no usable `sub`" };
  if (!emailPattern.test(email))
    return {
      fault: "the identity provider names no e-mail address",
      help: `it has to send one in the claim \`${names.email}\`; is the scope \`email\` asked for?`,
    };
  if (claims[names.verified] !== true)
    return {
      fault: `the identity provider has not verified \`${email}\``,
      help: `it has to say \`${names.verified}: true\``,
    };
  const name = claims[names.name];
  const known = new Set([...rules.groups, ...rules.newcomers].map(({ claim }) => claim));
  return {
    email,
    issuer: rules.issuer,
    subject,
    name: (typeof name === "string" ? oneLine(name, 200) : "") || email,
    groups: textsOf(claims[names.groups]).filter((one) => known.has(one)),
  };
}

function textsOf(value: Json | undefined): readonly string[] {
  const all = Array.isArray(value) ? value : [value];
  return [...new Set(all.filter((one): one is string => typeof one === "string" && one.length <= longestClaim))].sort();
}

/** Roles of somebody who is in no file; undefined where no rule lets them in. */
export function newcomerRoles(rules: ProviderRules, groups: readonly string[]): readonly Role[] | undefined {
  const roles = rules.newcomers.filter(({ claim }) => groups.includes(claim)).flatMap((rule) => rule.roles);
  return roles.length === 0 ? undefined : [...new Set(roles)];
}

/**
 * Everybody of the workspace: its file's people, with the groups that the provider last said, and whom a rule lets in
 * besides. INVARIANT: whoever stands in the file is what it says, and a person who is disabled there is not here at all.
 */
export function everybody(
  file: readonly (Person & { readonly disabled?: boolean })[],
  said: readonly ProviderPerson[],
  rules: ProviderRules | undefined,
): ReadonlyMap<string, Person> {
  const current = said.filter(({ issuer }) => issuer === rules?.issuer);
  const byEmail = new Map(current.map((one) => [one.email, one]));
  const people = new Map<string, Person>();
  const listed = new Set(file.map(({ email }) => email));
  for (const person of file) {
    if (person.disabled === true) continue;
    const { email, name, roles, groups } = person;
    people.set(email, { email, name, roles, groups: withGroups(groups, byEmail.get(email), rules) });
  }
  for (const one of current) {
    const roles = rules === undefined || listed.has(one.email) ? undefined : newcomerRoles(rules, one.groups);
    if (roles === undefined) continue;
    const { email, name } = one;
    people.set(email, { email, name, roles, groups: withGroups([], one, rules), newcomer: true });
  }
  return people;
}

function withGroups(
  groups: readonly string[],
  said: ProviderPerson | undefined,
  rules: ProviderRules | undefined,
): readonly string[] {
  if (said === undefined || rules === undefined) return groups;
  const more = rules.groups.filter(({ claim }) => said.groups.includes(claim)).map(({ group }) => group);
  return [...new Set([...groups, ...more])];
}
