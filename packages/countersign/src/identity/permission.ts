import { Problem } from "../floor/problem.ts";
import type { PersonCaller, Role } from "./caller.ts";

interface Rule {
  /** Roles that may do it anywhere in the workspace. */
  readonly roles: readonly Exclude<Role, "dri">[];
  /** Also the DRI of the workflow it is about, and no other: to hold the role `dri` alone gives nothing. */
  readonly dri?: true;
  /** Also the person who owns the agent it is about. */
  readonly owner?: true;
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
  approve: { roles: [], asked: true },
  stop: { roles: ["approver", "operator", "admin"], dri: true },
  lift: { roles: ["operator", "admin"], dri: true, second: true },
  "open-run": { roles: ["operator", "admin"], dri: true, owner: true },
  cancel: { roles: ["operator", "admin"], dri: true, owner: true },
  reverse: { roles: ["operator", "admin"], dri: true },
  "operate-unknown": { roles: ["operator", "admin"], dri: true },
  "settle-alert": { roles: ["operator", "admin"], dri: true },
  apply: { roles: ["admin"] },
  "activate-policy": { roles: ["admin"], second: true },
  "review-tool": { roles: ["operator", "admin"] },
  waive: { roles: ["admin"], dri: true, second: true },
  promote: { roles: ["admin"], dri: true },
  demote: { roles: ["operator", "admin"], dri: true },
  "issue-key": { roles: ["admin"], dri: true, owner: true },
  "revoke-key": { roles: ["operator", "admin"], dri: true, owner: true },
  "issue-link": { roles: ["admin"] },
  "end-session": { roles: ["operator", "admin"] },
  "keep-secret": { roles: ["operator", "admin"] },
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
  /** Owner of the agent it is about. */
  readonly owner?: string;
  /** The person an agent acts for. */
  readonly requester?: string;
  /** Who did the first half: took the stop, asked for the waiver, proposed the policies. Absent for the first half itself. */
  readonly first?: string;
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

/** Whether this person may do this: pure, from the table and the context alone. */
export function may(
  person: Pick<PersonCaller, "email" | "roles" | "groups">,
  deed: Deed,
  context: PermissionContext,
): Permission {
  const rule: Rule = deeds[deed];
  const as = rule.asked === true ? askedAs(person, context) : capacity(person, rule, context);
  if (as === undefined) return { allowed: false, because: lacking(deed, rule, context) };
  const clash = sameHands(person.email, rule, context);
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

function capacity(
  person: Pick<PersonCaller, "email" | "roles">,
  rule: Rule,
  context: PermissionContext,
): string | undefined {
  const role = rule.roles.find((one) => person.roles.includes(one));
  if (role !== undefined) return `as ${role}`;
  if (rule.dri === true && context.dri === person.email) return `as DRI of \`${context.workflow ?? ""}\``;
  if (rule.owner === true && context.owner === person.email) return "as owner of the agent";
  return undefined;
}

function askedAs(
  person: Pick<PersonCaller, "email" | "groups">,
  { from, dri, workflow }: PermissionContext,
): string | undefined {
  if (from === undefined) return undefined;
  if (from === person.email) return "as the person who was asked";
  if (from === "dri") return dri === person.email ? `as DRI of \`${workflow ?? ""}\`` : undefined;
  return person.groups.includes(from) ? `as a member of \`${from}\`` : undefined;
}

/** Why these are the wrong hands for the second half of something, or for an approval of their own request. */
function sameHands(email: string, rule: Rule, context: PermissionContext): string | undefined {
  if (rule.second === true && context.first === email) return "the second half of this belongs to another person";
  if (rule.asked !== true) return undefined;
  for (const part of context.exclude ?? []) {
    if (context[part] === email) return `the ${part} may not answer this`;
  }
  return undefined;
}

function lacking(deed: Deed, rule: Rule, context: PermissionContext): string {
  if (rule.asked === true)
    return context.from === undefined ? "nobody was asked" : `this is asked from \`${context.from}\``;
  const who = [
    ...rule.roles.map((role) => `\`${role}\``),
    ...(rule.dri === true ? ["the workflow's DRI"] : []),
    ...(rule.owner === true ? ["the agent's owner"] : []),
  ];
  return `\`${deed}\` is for ${who.join(", ")}`;
}
