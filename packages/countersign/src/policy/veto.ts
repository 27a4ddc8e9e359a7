import {
  canonical,
  type DecisionInput,
  type Json,
  type JsonObject,
  type Obligation,
  type Requirement,
  type VetoCure,
  type VetoFact,
} from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { type Cure, cureState, requirementsOf } from "./cure.ts";
import type { Outcome } from "./decide.ts";
import { isKept } from "./obligation.ts";
import { type CompiledPolicies, observedWords, passesObserved } from "./policy.ts";

/** A veto that has to be asked, by its name and the digest of what the workspace says of it. */
export interface AttachedVeto {
  readonly name: string;
  readonly digest: string;
}

/** The input as a veto gets it: everything but what other vetoes said. */
export function vetoQuestion(input: DecisionInput): JsonObject {
  const { vetoes: _, ...facts } = input.facts;
  return JSON.parse(JSON.stringify({ ...input, facts })) as JsonObject;
}

/**
 * What makes one question another: all of it but its time and id, and what was counted. Others' calls move the counts
 * all the time; the policies that count decide by the newest, whatever a veto said before.
 */
export function vetoQuestionDigest(input: DecisionInput): string {
  const { at: _at, decisionId: _id, facts, ...question } = input;
  const { vetoes: _v, counts: _c, sums: _s, formerly: _f, previous: _p, ...known } = facts;
  return digestText(canonical(JSON.parse(JSON.stringify({ ...question, facts: known }))));
}

/**
 * The meet of what the policies and the vetoes say: deny before require before allow, with the requirements and
 * obligations of all. Pure: a veto's answer is a fact of the input. INVARIANT: nothing here allows what was denied.
 */
export function withVetoes(
  outcome: Outcome,
  input: DecisionInput,
  policies: CompiledPolicies,
  attached: readonly AttachedVeto[],
): Outcome {
  if (outcome.effect === "deny") return outcome;
  const facts = input.facts.vetoes;
  if (attached.length === 0 && facts === undefined) return outcome;
  try {
    const { answered, open } = sorted(facts ?? [], attached, vetoQuestionDigest(input));
    if (open.length > 0) return { ...outcome, effect: "require", ...unasked(outcome, open, input) };
    return lenient(outcome, met(outcome, answered, input), answered, input, policies);
  } catch {
    // A stored fact of another shape must deny, and its words stay out of the decision.
    return denied(
      outcome,
      [],
      ["a veto's answer could not be read"],
      fault("a veto's answer could not be read", input),
    );
  }
}

function sorted(facts: readonly VetoFact[], attached: readonly AttachedVeto[], question: string) {
  const answers = ({ name, digest }: AttachedVeto, fact: VetoFact) => fact.veto === name && fact.rule === digest;
  const answered = facts.filter(
    (fact) =>
      fact.questionDigest === question && attached.every((veto) => veto.name !== fact.veto || answers(veto, fact)),
  );
  const strays = facts.filter((fact) => !answered.includes(fact) && attached.every(({ name }) => name !== fact.veto));
  const open = [
    ...attached.filter((veto) => !answered.some((fact) => answers(veto, fact))),
    ...strays.map((fact) => ({ name: fact.veto, digest: fact.rule })),
  ];
  return { answered, open };
}

function unasked(
  outcome: Outcome,
  open: readonly AttachedVeto[],
  input: DecisionInput,
): Pick<Outcome, "requirements" | "sentence"> {
  const asked: Requirement[] = open.map(({ name, digest }) => ({
    kind: "veto",
    policy: ruleName(name),
    policyDigest: digest,
    sentence: `an answer of veto \`${name}\``,
  }));
  return {
    requirements: [...outcome.requirements, ...asked],
    sentence: needs([...outcome.requirements, ...asked], input),
  };
}

function met(outcome: Outcome, answered: readonly VetoFact[], input: DecisionInput): Outcome {
  const against = answered.filter((fact) => fact.effect === "deny");
  const [first] = against;
  if (first !== undefined) {
    const errors = against.flatMap((fact) => (fact.fault === undefined ? [] : [`veto ${fact.veto}: ${fact.fault}`]));
    return denied(outcome, against, errors, refusal(against.find((fact) => fact.fault === undefined) ?? first, input));
  }
  const requirements: Requirement[] = [];
  for (const fact of answered) {
    for (const [index, cure] of fact.cures.entries()) {
      const asking = { id: ruleName(fact.veto, index), digest: digestOf(fact, cure), cure: cureOf(cure) };
      const state = cureState(asking, input);
      if (state.kind === "impossible") {
        const sentence = `refused by veto \`${fact.veto}\`: ${state.sentence}. Change the call so that the check passes, or ask \`${input.principal.dri}\``;
        return denied(outcome, [fact], [], sentence);
      }
      if (state.kind === "open") requirements.push(...requirementsOf(asking, state, input));
    }
  }
  const obligations = answered.flatMap((fact) =>
    fact.obligations.map((obligation) => ({ ...obligation, policy: ruleName(fact.veto) })),
  );
  const unkept = obligations.find((obligation) => !isKept(obligation));
  if (unkept !== undefined) {
    const what = `it asks for obligation \`${unkept.kind.slice(0, 40)}\`, which this gate cannot carry out`;
    const from = answered.filter((fact) => ruleName(fact.veto) === unkept.policy);
    return denied(outcome, from, [`${unkept.policy}: ${what}`], fault(what, input, from[0]?.veto));
  }
  const all = { obligations: [...outcome.obligations, ...(obligations as readonly Obligation[])] };
  if (requirements.length === 0) return { ...outcome, ...all };
  const asking = answered.filter((fact) =>
    fact.cures.some((_, index) => requirements.some((one) => one.policy === ruleName(fact.veto, index))),
  );
  const union = [...outcome.requirements, ...requirements];
  return {
    ...outcome,
    ...all,
    effect: "require",
    determining: [...outcome.determining, ...asking.map(asDetermining)],
    requirements: union,
    sentence: needs(union, input),
  };
}

/** Where the workflow is only observed, a veto's no is written down; a veto that could not be asked denies all the same. */
function lenient(
  outcome: Outcome,
  verdict: Outcome,
  answered: readonly VetoFact[],
  input: DecisionInput,
  policies: CompiledPolicies,
): Outcome {
  const isLenient = verdict.effect !== "allow" && verdict.errors.length <= outcome.errors.length;
  if (!isLenient || !passesObserved(policies, input)) return verdict;
  const observed = outcome.observed === "deny" ? "deny" : verdict.effect;
  const sentence = `allowed: ${observedWords(policies, input.principal.workflow)}. It would have been ${verdict.sentence}`;
  const asking = answered.filter((fact) => fact.effect !== "allow" || fact.cures.length > 0);
  return { ...outcome, determining: [...outcome.determining, ...asking.map(asDetermining)], observed, sentence };
}

function denied(outcome: Outcome, by: readonly VetoFact[], errors: readonly string[], sentence: string): Outcome {
  const { observed: _, ...rest } = outcome;
  return {
    ...rest,
    effect: "deny",
    determining: by.map(asDetermining),
    requirements: [],
    obligations: [],
    errors: [...outcome.errors, ...errors],
    sentence,
  };
}

function refusal(fact: VetoFact, input: DecisionInput): string {
  if (fact.fault !== undefined) return fault(fact.fault, input, fact.veto);
  const { dri, workflow } = input.principal;
  const why = fact.reason === undefined ? "" : `: ${fact.reason}`;
  return `refused by veto \`${fact.veto}\`${why}. Sending it again changes nothing; do it another way, or ask \`${dri}\`, who answers for workflow \`${workflow}\``;
}

function fault(what: string, input: DecisionInput, veto?: string): string {
  const of = veto === undefined ? "" : ` of veto \`${veto}\``;
  return `refused: there is no usable answer${of} (${what}), and what cannot be asked is denied. Send it again later; if it goes on, tell \`${input.principal.dri}\`, who answers for workflow \`${input.principal.workflow}\``;
}

function needs(requirements: readonly Requirement[], input: DecisionInput): string {
  const words = requirements.map(({ sentence, policy }) => `${sentence} (rule \`${policy}\`)`).join("; and ");
  return `held: \`${input.action.tool}\` needs ${words}. It runs by itself once that is there; do not send it again`;
}

/** The name under which a veto, or each further thing that it asks for, stands among rules; no policy's id can have it. */
function ruleName(veto: string, index = 0): string {
  return index === 0 ? `veto:${veto}` : `veto:${veto}/${index + 1}`;
}

/** What an approval for a veto is bound to: who asked for it, and what exactly. */
function digestOf(fact: VetoFact, cure: VetoCure): string {
  return digestText(canonical([fact.veto, fact.rule, cure as unknown as Json]));
}

function cureOf(cure: VetoCure): Cure {
  return cure.kind === "check" ? { kind: "check", names: [cure.name], maxAgeMs: cure.maxAgeMs } : cure;
}

function asDetermining(fact: VetoFact): Outcome["determining"][number] {
  return { id: ruleName(fact.veto), effect: "forbid", digest: fact.rule, text: "", title: `${fact.kind} veto` };
}
