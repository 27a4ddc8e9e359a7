import { canonical, type Decision, type DecisionInput, type Json } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { evaluateHere } from "./engine.ts";
import type { Evaluate } from "./evaluate.ts";
import { inputFaults } from "./input-faults.ts";
import { type Judgement, judge, obligationsBy } from "./judge.ts";
import { nearMisses } from "./near-miss.ts";
import { isKept } from "./obligation.ts";
import { type CompiledPolicies, observedWords, passesObserved } from "./policy.ts";
import { questionOf } from "./question.ts";
import { sentenceFor } from "./sentence.ts";
import { type Slice, slicesOf } from "./slice.ts";
import { type AttachedVeto, withVetoes } from "./veto.ts";

export interface DecideOptions {
  readonly evaluate?: Evaluate;
  /** Two engines disagree about this policy set: nothing is decided by it until a person has looked. */
  readonly closed?: boolean;
  /** Why nothing is proven of this tool under these policies, as a sentence: it is denied. */
  readonly unproven?: string;
  /** The input's digest, where it is known already. */
  readonly inputDigest?: string;
  /** The vetoes that are attached to what this input asks for. */
  readonly vetoes?: readonly AttachedVeto[];
  /** Monotonic milliseconds; without it `micros` is 0 and the whole answer repeats byte for byte. */
  readonly tick?: () => number;
}

export type Outcome = Pick<
  Decision,
  "effect" | "determining" | "requirements" | "obligations" | "errors" | "nearMiss" | "sentence"
> &
  Pick<Decision, "observed">;

/**
 * May this happen now? Pure: the same input and policies give the same answer. It never throws: what cannot be decided
 * is denied.
 */
export function decide(input: DecisionInput, policies: CompiledPolicies, options: DecideOptions = {}): Decision {
  const started = options.tick?.() ?? 0;
  const inputDigest = options.inputDigest ?? digestOf(input);
  const outcome =
    options.closed === true
      ? undecidable(["two engines disagree about a policy of this set, so the set is closed"])
      : inputDigest === undefined
        ? undecidable(["the input has no canonical form"])
        : options.unproven !== undefined
          ? { ...undecidable([]), sentence: options.unproven }
          : withVetoes(
              guarded(input, policies, options.evaluate ?? evaluateHere),
              input,
              policies,
              options.vetoes ?? [],
            );
  return {
    v: 1,
    ...outcome,
    policySet: { revision: policies.revision, digest: policies.digest },
    inputDigest: inputDigest ?? "",
    micros: Math.round(((options.tick?.() ?? 0) - started) * 1000),
  };
}

/** What would be decided, for a comparison: the same as `decide` says without its digests. */
export function outcomeFor(input: DecisionInput, policies: CompiledPolicies): Outcome {
  return withVetoes(guarded(input, policies, evaluateHere), input, policies, []);
}

/** What a replay must repeat: the canonical decision without the measurement. */
export function decisionBytes(decision: Decision): string {
  const { micros: _, ...replayed } = decision;
  return canonical(JSON.parse(JSON.stringify(replayed)));
}

function guarded(input: DecisionInput, policies: CompiledPolicies, evaluate: Evaluate): Outcome {
  try {
    return decided(input, policies, evaluate);
  } catch {
    // The engine's words may hold arguments, so they stay out of the decision.
    return undecidable(["the policy engine could not evaluate this call"]);
  }
}

function decided(input: DecisionInput, policies: CompiledPolicies, evaluate: Evaluate): Outcome {
  const faults = inputFaults(input);
  if (faults.length > 0) return undecidable(faults);
  if (!Object.hasOwn(policies.tools, input.action.tool)) {
    return { ...undecidable([]), sentence: `refused: no tool \`${input.action.tool}\` is known here` };
  }
  const { enforced, all } = slicesOf(policies, input.action.tool, input.action.verb);
  const { judgement, permits, forbids } = judgeSlice(enforced, input, policies, evaluate);
  const outcome = {
    ...outcomeOf(judgement, input),
    nearMiss: judgement.effect === "deny" ? nearMisses(enforced, permits, input) : [],
  };
  if (judgement.effect !== "allow" && passesObserved(policies, input) && mayLetPass(judgement, forbids)) {
    const sentence = `allowed: ${observedWords(policies, input.principal.workflow)}. It would have been ${outcome.sentence}`;
    // What a permit obliges to holds also where nobody is asked.
    const obligations = obligationsBy(permits.flatMap((id) => enforced.byId.get(id) ?? []));
    if (obligations.every(isKept))
      return { ...outcome, effect: "allow", requirements: [], obligations, observed: judgement.effect, sentence };
  }
  if (all === enforced || judgement.effect === "deny") return outcome;
  const wouldBe = judgeSlice(all, input, policies, evaluate).judgement.effect;
  // More policies than those that allowed or asked never allow: what they say otherwise is a no or a question.
  return wouldBe === judgement.effect ? outcome : { ...outcome, observed: wouldBe as "require" | "deny" };
}

interface Judged {
  readonly judgement: Judgement;
  readonly permits: readonly string[];
  /** Every forbid that held, also where an error or another reason decided. */
  readonly forbids: readonly { readonly mode: string }[];
}

function judgeSlice(slice: Slice, input: DecisionInput, policies: CompiledPolicies, evaluate: Evaluate): Judged {
  const { request, unreadable, readers } = questionOf(slice, input, policies);
  if (readers.length > 0) {
    const errors = unreadable.map(({ name, reason }) => `argument \`${name}\`: ${reason}, and a policy reads it`);
    const judgement: Judgement = {
      effect: "deny",
      why: "errors",
      determining: readers,
      requirements: [],
      obligations: [],
      errors,
    };
    return { judgement, permits: [], forbids: [] };
  }
  const evaluated = evaluate(slice, request);
  return {
    judgement: judge(slice, evaluated, input),
    permits: evaluated.permits,
    forbids: evaluated.forbids.flatMap((id) => slice.byId.get(id) ?? []),
  };
}

/** A stop, an unreviewed tool and what could not be evaluated bite also where a workflow is only observed. */
function mayLetPass(judgement: Judgement, forbids: Judged["forbids"]): boolean {
  return judgement.errors.length === 0 && !forbids.some((policy) => policy.mode === "always");
}

function outcomeOf(judgement: Judgement, input: DecisionInput): Omit<Outcome, "nearMiss"> {
  return {
    effect: judgement.effect,
    determining: judgement.determining.map(({ id, effect, digest, text, title }) => ({
      id,
      effect,
      digest,
      text,
      ...(title === undefined ? {} : { title }),
    })),
    requirements: judgement.requirements,
    obligations: judgement.obligations,
    errors: judgement.errors,
    sentence: sentenceFor(judgement, input),
  };
}

function undecidable(errors: readonly string[]): Outcome {
  return {
    effect: "deny",
    determining: [],
    requirements: [],
    obligations: [],
    errors,
    nearMiss: [],
    sentence: "refused: the rules could not be evaluated for this call, and what cannot be decided is denied",
  };
}

function digestOf(input: DecisionInput): string | undefined {
  try {
    return digestText(canonicalInput(input));
  } catch {
    return undefined;
  }
}

/** A member that is undefined, as only a replay could hold one, is no member. */
function canonicalInput(input: DecisionInput): string {
  try {
    return canonical(input as unknown as Json);
  } catch {
    return canonical(JSON.parse(JSON.stringify(input)));
  }
}
