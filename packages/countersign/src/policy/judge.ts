import type { DecisionInput, Obligation, Requirement } from "@countersign/contract";
import { cureState, requirementsOf } from "./cure.ts";
import type { Evaluated } from "./evaluate.ts";
import { isKept } from "./obligation.ts";
import type { CompiledPolicy } from "./policy.ts";
import type { Curable, Slice } from "./slice.ts";

/** What a slice's policies say, before observe mode. */
export interface Judgement {
  readonly effect: "allow" | "require" | "deny";
  readonly why: "permitted" | "cures" | "forbidden" | "impossible" | "nothing permits" | "errors" | "obligation";
  readonly determining: readonly CompiledPolicy[];
  readonly requirements: readonly Requirement[];
  readonly obligations: readonly Obligation[];
  readonly errors: readonly string[];
  /** Of a check that was tried and did not pass. */
  readonly sentence?: string;
}

export function judge(slice: Slice, evaluated: Evaluated, input: DecisionInput): Judgement {
  const permits = named(slice, evaluated.permits);
  const forbids = named(slice, evaluated.forbids);
  // A forbid that errs is skipped by Cedar, which would open the gate: any error denies.
  if (evaluated.errors.length > 0) {
    const failed = named(
      slice,
      evaluated.errors.map((error) => error.policy),
    );
    return deny("errors", failed, { errors: evaluated.errors.map((error) => `${error.policy}: ${error.message}`) });
  }
  const final = forbids.filter((policy) => policy.cure === undefined);
  if (final.length > 0) return deny("forbidden", final);
  if (permits.length === 0) return deny("nothing permits", forbids);
  if (forbids.length > 0) return ask(forbids as readonly Curable[], permits, input);
  const obligations = obligationsBy(permits);
  const unkept = obligations.find((obligation) => !isKept(obligation));
  if (unkept !== undefined)
    return deny("obligation", permits, {
      errors: [`obligation \`${unkept.kind}\` is none that this gate carries out`],
    });
  return { effect: "allow", why: "permitted", determining: permits, requirements: [], obligations, errors: [] };
}

export function obligationsBy(permits: readonly CompiledPolicy[]): readonly Obligation[] {
  return permits.flatMap((policy) => policy.obligations.map((rule) => ({ ...rule, policy: policy.id })));
}

function ask(forbids: readonly Curable[], permits: readonly CompiledPolicy[], input: DecisionInput): Judgement {
  const requirements: Requirement[] = [];
  for (const policy of forbids) {
    const state = cureState(policy, input);
    if (state.kind === "impossible") return deny("impossible", [policy], { sentence: state.sentence });
    // INVARIANT: a cure that is met lapses its forbid; one that bites all the same is a fault, and a fault denies.
    if (state.kind === "met")
      return deny("errors", [policy], { errors: [`${policy.id}: its cure is met and does not cure it`] });
    requirements.push(...requirementsOf(policy, state, input));
  }
  return {
    effect: "require",
    why: "cures",
    determining: [...forbids, ...permits],
    requirements,
    obligations: [],
    errors: [],
  };
}

function deny(
  why: Judgement["why"],
  determining: readonly CompiledPolicy[],
  more: { readonly errors?: readonly string[]; readonly sentence?: string } = {},
): Judgement {
  const { errors = [], sentence } = more;
  return {
    effect: "deny",
    why,
    determining,
    requirements: [],
    obligations: [],
    errors,
    ...(sentence === undefined ? {} : { sentence }),
  };
}

function named(slice: Slice, ids: readonly string[]): readonly CompiledPolicy[] {
  return ids.flatMap((id) => slice.byId.get(id) ?? []);
}
