import type { CheckFact, DecisionInput, Requirement, TakesGrants } from "@countersign/contract";
import { askedWords } from "./asked.ts";
import { didYouMean } from "./did-you-mean.ts";
import { durationMs, durationText } from "./duration.ts";
import { instantMs } from "./instant.ts";
import { skewMs, type Tally, tally } from "./quorum.ts";

/** What makes a curable forbid lapse, as its annotations say. */
export type Cure =
  | {
      readonly kind: "approval";
      readonly from: string;
      readonly count: number;
      readonly exclude: readonly ("requester" | "owner")[];
      readonly openMs: number;
      readonly validMs: number;
      readonly grants?: TakesGrants;
      /** Whether only a passkey's signature counts; where nothing is said, for what cannot be undone in production. */
      readonly passkey?: "always" | "never";
      /** Nobody breaks the glass over it. */
      readonly glass?: "never";
    }
  | { readonly kind: "check"; readonly names: readonly string[]; readonly maxAgeMs: number }
  | { readonly kind: "wait"; readonly until: string };

/** The name of a check cure that asks for every check that is configured. */
export const everyCheck = "every";

/** How many persons one policy may ask for. */
export const mostApprovers = 10;

const needed = {
  approval: ["from", "count", "open", "valid", "exclude"],
  check: ["check", "age"],
  wait: ["until"],
} as const;

/** What a cure may state besides. */
const optional = { approval: ["passkey", "grants", "glass"], check: [], wait: [] } as const;

const stated = (kind: keyof typeof needed): readonly string[] => [...needed[kind], ...optional[kind]];

type Annotations = { readonly [name: string]: string };
/** Those of a cure, where none is missing. */
type Stated<Kind extends keyof typeof needed> = Annotations & {
  readonly [name in (typeof needed)[Kind][number]]: string;
};
type Read = { readonly ok: Cure | undefined } | { readonly fault: string; readonly help?: string };

/** The cure that a policy's annotations state, or what is wrong with them; `configured` are the checks that there are. */
export function readCure(annotations: Annotations, configured: readonly string[] = []): Read {
  const kind = annotations.cure;
  if (kind === undefined) return strayAnnotation(annotations);
  if (kind !== "approval" && kind !== "check" && kind !== "wait") {
    const meant = didYouMean(kind, Object.keys(needed));
    const help = `a cure is \`approval\`, \`check\` or \`wait\`${meant === undefined ? "" : `; ${meant}`}`;
    return { fault: `cure \`${kind}\` is not known`, help };
  }
  const missing = needed[kind].find((name) => annotations[name] === undefined);
  if (missing !== undefined) return { fault: `cure \`${kind}\` needs \`@${missing}\`` };
  for (const other of ["approval", "check", "wait"] as const) {
    const stray = other === kind ? undefined : stated(other).find((name) => annotations[name] !== undefined);
    if (stray !== undefined) return { fault: `\`@${stray}\` does not belong to cure \`${kind}\`` };
  }
  if (kind === "approval") return readApproval(annotations as Stated<"approval">);
  return kind === "check"
    ? readCheck(annotations as Stated<"check">, configured)
    : readWait(annotations as Stated<"wait">);
}

function strayAnnotation(annotations: Annotations): Read {
  const stray = (["approval", "check", "wait"] as const)
    .flatMap(stated)
    .find((name) => annotations[name] !== undefined);
  return stray === undefined ? { ok: undefined } : { fault: `\`@${stray}\` stands without \`@cure\`` };
}

function readApproval(annotations: Stated<"approval">): Read {
  const { from, count, open, valid, exclude } = annotations;
  if (from.trim() === "" || from.includes("*")) return { fault: "`@from` names one group, `dri` or one person" };
  const persons = /^[0-9]{1,3}$/.test(count) ? Number(count) : 0;
  if (persons < 1 || persons > mostApprovers) {
    return { fault: `\`@count\` is \`${count}\``, help: `a number from 1 to ${mostApprovers}` };
  }
  const openMs = durationMs(open);
  if (openMs === undefined) return { fault: `\`@open\` is \`${open}\``, help: "a duration such as `4h`, at most 30d" };
  const validMs = durationMs(valid);
  if (validMs === undefined)
    return { fault: `\`@valid\` is \`${valid}\``, help: "a duration such as `1h`, at most 30d" };
  const excluded: ("requester" | "owner")[] = [];
  for (const name of exclude === "nobody" ? [] : exclude.split(",").map((part) => part.trim())) {
    if (name !== "requester" && name !== "owner") {
      return { fault: `\`@exclude\` has \`${name}\``, help: "`requester`, `owner`, both with a comma, or `nobody`" };
    }
    excluded.push(name);
  }
  const { glass, grants, passkey } = annotations;
  if (glass !== undefined && glass !== "never")
    return { fault: `\`@glass\` is \`${glass}\``, help: "`never`, or nothing at all" };
  if (passkey !== undefined && passkey !== "always" && passkey !== "never")
    return { fault: `\`@passkey\` is \`${passkey}\``, help: "`always` or `never`" };
  if (grants !== undefined && grants !== "yes" && grants !== "production")
    return { fault: `\`@grants\` is \`${grants}\``, help: "`yes`, or `production` for tier 3 in production, too" };
  const cure = { kind: "approval", from, count: persons, exclude: excluded, openMs, validMs } as const;
  return {
    ok: {
      ...cure,
      ...(passkey === undefined ? {} : { passkey }),
      ...(grants === undefined ? {} : { grants }),
      ...(glass === undefined ? {} : { glass }),
    },
  };
}

function readCheck({ check: name, age }: Stated<"check">, configured: readonly string[]): Read {
  if (name.trim() === "" || name.includes("*")) {
    return { fault: "`@check` names one check", help: `or \`${everyCheck}\` for every check that is configured` };
  }
  const maxAgeMs = durationMs(age);
  if (maxAgeMs === undefined) return { fault: `\`@age\` is \`${age}\``, help: "a duration such as `15m`, at most 30d" };
  return { ok: { kind: "check", names: name === everyCheck ? [...configured].sort() : [name], maxAgeMs } };
}

function readWait({ until }: Stated<"wait">): Read {
  const ms = Date.parse(until);
  if (!/^\d{4}-\d\d-\d\dT.*Z$/.test(until) || Number.isNaN(ms)) {
    return { fault: "`@until` is no instant", help: "an instant in UTC such as `2026-12-27T08:00:00Z`" };
  }
  return { ok: { kind: "wait", until: new Date(ms).toISOString() } };
}

/** `impossible` says that what the cure asks for was tried and did not pass. */
export type CureState =
  | { readonly kind: "met" }
  | { readonly kind: "open"; readonly tally?: Tally; readonly missing?: readonly string[] }
  | { readonly kind: "impossible"; readonly sentence: string };

interface Asking {
  readonly id: string;
  readonly digest: string;
  readonly cure: Cure;
}

/** Whether this policy's cure is met by the facts. Facts for another policy, text or call never count. */
export function cureState(policy: Asking, input: DecisionInput): CureState {
  const { cure } = policy;
  const atMs = instantMs(input.at);
  switch (cure.kind) {
    case "approval": {
      const count = tally(
        {
          ...cure,
          policy: policy.id,
          policyDigest: policy.digest,
          callDigest: input.callDigest,
          excluded: excluded(cure.exclude, input.principal),
          takesGrants: takesGrants(cure.grants, grantQuestion(input)),
          passkey: needsPasskey(cure, input),
          isBreakable: cure.glass !== "never",
          neverAlone: excluded(["requester"], input.principal),
        },
        input.facts.approvals,
        atMs,
      );
      return count.met ? { kind: "met" } : { kind: "open", tally: count };
    }
    case "check":
      return checkState(cure.names, cure.maxAgeMs, input, atMs);
    case "wait":
      return atMs >= Date.parse(cure.until) ? { kind: "met" } : { kind: "open" };
  }
}

/**
 * Whether a grant may stand for an approval of this call. INVARIANT: never where the call could not be undone, and of an
 * agent of tier 3 in production only where the policy says so.
 */
export function takesGrants(
  grants: TakesGrants | undefined,
  { production, reversal, tier, verb }: GrantQuestion,
): boolean {
  if (grants === undefined) return false;
  if (verb !== "read" && reversal !== "plan") return false;
  return tier < 3 || !production || grants === "production";
}

/** What decides whether a policy that takes grants takes one for this call. */
export interface GrantQuestion {
  readonly verb: string;
  readonly reversal: string;
  readonly tier: number;
  readonly production: boolean;
}

export function grantQuestion({ action, facts, principal, resource }: DecisionInput): GrantQuestion {
  const { production } = resource.environment;
  return { verb: action.verb, reversal: facts.reversal, tier: principal.tier, production };
}

/** What nothing undoes in production takes a passkey, unless the policy says otherwise. */
function needsPasskey({ passkey }: Cure & { kind: "approval" }, { action, facts, resource }: DecisionInput): boolean {
  if (passkey !== undefined) return passkey === "always";
  return action.verb === "execute" && resource.environment.production && facts.reversal !== "plan";
}

/** The persons whom `exclude` means in this call. */
export function excluded(
  exclude: readonly ("requester" | "owner")[],
  { owner, onBehalfOf, vouchedBy = [] }: Pick<DecisionInput["principal"], "owner" | "onBehalfOf" | "vouchedBy">,
): readonly string[] {
  const requester = onBehalfOf === undefined ? vouchedBy : [onBehalfOf, ...vouchedBy];
  return exclude.flatMap((who) => (who === "owner" ? [owner] : requester));
}

function checkState(names: readonly string[], maxAgeMs: number, input: DecisionInput, atMs: number): CureState {
  if (names.length === 0) return { kind: "impossible", sentence: "it asks for checks, and none is configured" };
  const fresh = names.map((name) => latestFresh(name, maxAgeMs, input, atMs));
  const failed = fresh.find((fact) => fact !== undefined && fact.verdict !== "pass");
  if (failed !== undefined) {
    const what = failed.verdict === "fail" ? "did not pass" : "could not be completed";
    return { kind: "impossible", sentence: `check \`${failed.name}\` ${what}` };
  }
  const missing = names.filter((_, index) => fresh[index] === undefined);
  return missing.length === 0 ? { kind: "met" } : { kind: "open", missing };
}

/** The last result of a check on these very arguments, unless it is too old to count. */
function latestFresh(name: string, maxAgeMs: number, input: DecisionInput, atMs: number): CheckFact | undefined {
  const results = input.facts.checks.filter((fact) => fact.name === name && fact.argsDigest === input.argsDigest);
  const latest = results.reduce<CheckFact | undefined>(
    (last, fact) => (last === undefined || Date.parse(fact.at) > Date.parse(last.at) ? fact : last),
    undefined,
  );
  return latest !== undefined && isFresh(atMs - Date.parse(latest.at), maxAgeMs) ? latest : undefined;
}

function isFresh(ageMs: number, maxAgeMs: number): boolean {
  return ageMs >= -skewMs && ageMs < maxAgeMs;
}

/** What is still asked for, for people and for the agent. */
export function requirementsOf(policy: Asking, state: CureState, input: DecisionInput): readonly Requirement[] {
  const { cure } = policy;
  const asked = { policy: policy.id, policyDigest: policy.digest };
  switch (cure.kind) {
    case "approval": {
      const { kind, from, exclude, openMs, validMs, glass, grants } = cure;
      const { counted = [], needed: count = cure.count } = (state.kind === "open" ? state.tally : undefined) ?? {};
      const isRaised = count > cure.count;
      const isSigned = needsPasskey(cure, input);
      const sentence = approvalSentence({ ...cure, count }, counted.length, { isSigned, isRaised });
      const marks = {
        ...(isRaised ? { raised: true as const } : {}),
        ...(isSigned ? { passkey: true as const } : {}),
        ...(grants === undefined ? {} : { grants }),
        ...(glass === undefined ? {} : { glass }),
      };
      return [{ kind, ...asked, from, count, exclude, openMs, validMs, ...marks, sentence }];
    }
    case "check": {
      const { maxAgeMs } = cure;
      const missing = state.kind === "open" ? (state.missing ?? cure.names) : [];
      return missing.map((name) => {
        const sentence = `check \`${name}\` passed on these arguments within ${durationText(maxAgeMs)}`;
        return { kind: "check", ...asked, name, maxAgeMs, sentence };
      });
    }
    case "wait":
      return [{ kind: "wait", ...asked, until: cure.until, sentence: `waiting until ${cure.until}` }];
  }
}

function approvalSentence(
  cure: Cure & { kind: "approval" },
  have: number,
  { isSigned, isRaised }: { readonly isSigned: boolean; readonly isRaised: boolean },
): string {
  const persons = cure.count === 1 ? "an approval" : `${cure.count} approvals of different people`;
  const not = cure.exclude.length === 0 ? "" : `, not from the ${cure.exclude.join(" or the ")}`;
  const so = have === 0 ? "" : ` (${have} given${isRaised ? ", one of them after too short a look" : ""})`;
  const signed = isSigned ? ", signed with a passkey" : "";
  return `${persons} from ${askedWords(cure.from)}${not}${signed}${so}, asked for during ${durationText(cure.openMs)}`;
}
