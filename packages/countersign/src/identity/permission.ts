import { Problem } from "../floor/problem.ts";
import type { PersonCaller, Role } from "./caller.ts";
import { type Hands, handsOf, inBoth } from "./hands.ts";

interface Rule {
  /** Roles that may do it anywhere in the workspace. */
  readonly roles: readonly Exclude<Role, "dri">[];
  /** Also the DRI of the workflow it is about and their delegates, and no other: to hold the role `dri` alone gives nothing. */
  readonly dri?: true;
  /** Also the person who owns the agent it is about. */
  readonly owner?: true;
  /** Also the person whom it is about. */
  readonly self?: true;
  /** Instead of all that: whoever was asked, as a member of the group or by name. No role can stand in for them. */
  readonly asked?: true;
  /** The second half of it belongs to someone other than who did the first. */
  readonly second?: true;
}

const everyone = ["viewer", "approver", "operator", "auditor", "admin"] as const;

/** Who may do what: the closed table. What is not in it cannot be done by anyone. */
export const deeds = {
  "read-action": { roles: everyone, dri: true },
  "read-receipt": { roles: everyone, dri: true },
  "read-private": { roles: ["operator", "auditor", "admin"], dri: true },
  "read-readers": { roles: ["auditor", "admin"] },
  export: { roles: ["auditor", "admin"] },
  "ask-decision": { roles: ["operator", "auditor", "admin"], dri: true, owner: true },
  approve: { roles: [], asked: true },
  "break-glass": { roles: [], asked: true },
  "review-glass": { roles: ["operator", "auditor", "admin"], dri: true, second: true },
  "revoke-grant": { roles: ["operator", "admin"], dri: true, self: true },
  stop: { roles: ["approver", "operator", "admin"], dri: true },
  lift: { roles: ["operator", "admin"], dri: true, second: true },
  "open-run": { roles: ["operator", "admin"], dri: true, owner: true },
  cancel: { roles: ["operator", "admin"], dri: true, owner: true },
  reverse: { roles: ["operator", "admin"], dri: true },
  "operate-notices": { roles: ["operator", "admin"] },
  "test-page": { roles: ["operator", "admin"], dri: true },
  "operate-unknown": { roles: ["operator", "admin"], dri: true },
  "settle-alert": { roles: ["operator", "admin"], dri: true },
  apply: { roles: ["admin"], dri: true },
  "sign-proposal": { roles: ["operator", "admin"], dri: true, second: true },
  "review-tool": { roles: ["operator", "admin"] },
  waive: { roles: ["admin"], dri: true, second: true },
  promote: { roles: ["admin"], dri: true },
  demote: { roles: ["operator", "admin"], dri: true },
  "issue-key": { roles: ["admin"], dri: true, owner: true },
  "revoke-key": { roles: ["operator", "admin"], dri: true, owner: true },
  "issue-link": { roles: ["admin"], self: true },
  "end-session": { roles: ["operator", "admin"], self: true },
  "remove-passkey": { roles: ["operator", "admin"], self: true },
  "keep-secret": { roles: ["operator", "admin"] },
  connect: { roles: ["operator", "admin"], dri: true, self: true },
  disconnect: { roles: ["operator", "admin"], dri: true, self: true },
  erase: { roles: ["admin"], second: true },
  preserve: { roles: ["operator", "auditor", "admin"], dri: true },
  "end-preservation": { roles: ["auditor", "admin"], second: true },
  "rotate-server-key": { roles: ["admin"] },
} as const satisfies Record<string, Rule>;

export type Deed = keyof typeof deeds;

/** What a deed is about, as far as the question who may do it goes. */
export interface PermissionContext {
  readonly workflow?: string;
  /** DRI of that workflow. */
  readonly dri?: string;
  /** Who administers that workflow beside its DRI. */
  readonly delegates?: readonly string[];
  /** Who else answers what is asked of the DRI, and as what. */
  readonly standIns?: readonly { readonly person: string; readonly as: string }[];
  /** To whom the question was escalated, with the right to answer in place of whoever was asked. */
  readonly escalatedTo?: readonly string[];
  /** Owner of the agent it is about. */
  readonly owner?: string;
  /** The person whom it is about. */
  readonly about?: string;
  /** The person an agent acts for. */
  readonly requester?: Hands;
  /** Who issued the key of an agent that acts for nobody: the nearest that its requests have to a requester. */
  readonly issuer?: Hands;
  /** Who did the first half: took the stop, asked for the waiver, proposed the workspace. Absent for the first half itself. */
  readonly first?: Hands;
  /** Whom an approval is asked from: a group's name, a person's address, or `dri`. */
  readonly from?: string;
  readonly exclude?: readonly ("requester" | "owner")[];
  /** From `isSinglePerson`. */
  readonly singlePerson: boolean;
}

export type Permission =
  | {
      readonly allowed: true;
      /** As receipts say it: `as a member of support-leads`. */
      readonly as: string;
      /** True where a rule that wants a second person was set aside: the record must show it. */
      readonly singlePerson: boolean;
    }
  | { readonly allowed: false; readonly because: string };

type Asking = Pick<PersonCaller, "email" | "roles" | "groups" | "vouchedBy">;

/** Whether this person may do this: pure, from the table and the context alone. */
export function may(person: Asking, deed: Deed, context: PermissionContext): Permission {
  const rule: Rule = deeds[deed];
  const as = rule.asked === true ? askedAs(person, context) : capacity(person, rule, context);
  if (as === undefined) return { allowed: false, because: lacking(deed, rule, context) };
  const clash = sameHands(handsOf(person), rule, context);
  if (clash === undefined) return { allowed: true, as, singlePerson: false };
  if (context.singlePerson) return { allowed: true, as, singlePerson: true };
  return { allowed: false, because: clash };
}

/** As `may`, failing with `forbidden` and the sentence. */
export function requireMay(
  person: PersonCaller,
  deed: Deed,
  context: PermissionContext,
): Permission & { readonly allowed: true } {
  const permission = may(person, deed, context);
  if (permission.allowed) return permission;
  throw new Problem("forbidden", permission.because);
}

function capacity(person: Asking, rule: Rule, context: PermissionContext): string | undefined {
  const role = rule.roles.find((one) => person.roles.includes(one));
  if (role !== undefined) return `as ${role}`;
  if (rule.dri === true && context.dri === person.email) return `as DRI of \`${context.workflow ?? ""}\``;
  if (rule.dri === true && context.delegates?.includes(person.email) === true)
    return `as delegate of \`${context.workflow ?? ""}\``;
  if (rule.owner === true && context.owner === person.email) return "as owner of the agent";
  if (rule.self === true && context.about === person.email) return "for themself";
  return undefined;
}

function askedAs(person: Asking, context: PermissionContext): string | undefined {
  const { from, dri, standIns, workflow, escalatedTo } = context;
  if (from === undefined) return undefined;
  if (from === person.email) return "as the person who was asked";
  const as = dri === person.email ? "DRI" : standIns?.find((one) => one.person === person.email)?.as;
  if (from === "dri" && as !== undefined) return `as ${as} of \`${workflow ?? ""}\``;
  if (person.groups.includes(from)) return `as a member of \`${from}\``;
  const isEscalated = escalatedTo?.includes(person.email) === true;
  return isEscalated ? `as somebody to whom it was escalated, in place of \`${from}\`` : undefined;
}

/** Why these are the wrong hands for the second half of something, or for an approval of their own request. */
function sameHands(hands: Hands, rule: Rule, context: PermissionContext): string | undefined {
  if (rule.second === true && context.first !== undefined) {
    const one = inBoth(context.first, hands);
    if (one !== undefined)
      return `the second half of this belongs to another person${because(one, hands, context.first) || `: you (\`${context.first.person}\`) did the first`}`;
  }
  if (rule.asked !== true) return undefined;
  for (const part of context.exclude ?? []) {
    const excluded = part === "owner" ? ofPerson(context.owner) : (context.requester ?? context.issuer);
    const one = excluded === undefined ? undefined : inBoth(excluded, hands);
    if (one === undefined || excluded === undefined) continue;
    const who =
      part === "requester" && context.requester === undefined ? "whoever issued the key of this agent" : `the ${part}`;
    return `${who} may not answer this${because(one, hands, excluded)}`;
  }
  return undefined;
}

function ofPerson(person: string | undefined): Hands | undefined {
  return person === undefined ? undefined : { person, vouchedBy: [] };
}

/** Why two logins count as one person, to go on a sentence that names the other; undefined where they are two. */
export function countAsOne(mine: Hands, other: Hands): string | undefined {
  const one = inBoth(other, mine);
  return one === undefined ? undefined : because(one, mine, other);
}

/** Said where the two are not simply the same person. */
function because(one: string, mine: Hands, other: Hands): string {
  if (mine.person === other.person) return "";
  if (one === other.person) return `, and \`${one}\` made the link that you are logged in with: you count as one`;
  if (one === mine.person)
    return `, and you made the link that \`${other.person}\` was logged in with: you count as one`;
  return `, and \`${one}\` made the links that you and \`${other.person}\` were logged in with: you count as one`;
}

function lacking(deed: Deed, rule: Rule, context: PermissionContext): string {
  if (rule.asked === true)
    return context.from === undefined ? "nobody was asked" : `this is asked from \`${context.from}\``;
  const who = [
    ...rule.roles.map((role) => `\`${role}\``),
    ...(rule.dri === true ? ["the workflow's DRI and delegates"] : []),
    ...(rule.owner === true ? ["the agent's owner"] : []),
    ...(rule.self === true ? ["whom it is about"] : []),
  ];
  return `\`${deed}\` is for ${who.join(", ")}`;
}
