import type { Decision, DecisionInput } from "@countersign/contract";
import { decide } from "../decide.ts";
import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import type { Case, TrialWorld } from "./case.ts";
import { coverageOf, type PolicyCoverage } from "./coverage.ts";
import { inputOf } from "./input-of.ts";
import { mutantsOf } from "./mutants.ts";
import { failuresOf, runCase } from "./run-case.ts";

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly failures: readonly string[];
  readonly effect?: Decision["effect"];
}

/** What cases say of a policy set. */
export interface TrialReport {
  readonly results: readonly CaseResult[];
  readonly coverage: readonly PolicyCoverage[];
  readonly mutation: MutationReport;
}

export interface MutationReport {
  readonly mutants: number;
  readonly killed: number;
  readonly survivors: readonly { readonly policy: string; readonly fault: string }[];
}

interface Readied {
  readonly expect: Case["expect"];
  readonly input: DecisionInput;
}

/** Runs cases one by one. Pure: the clock of a case is its own. */
export function runCases(
  cases: readonly Case[],
  world: TrialWorld,
  policies: CompiledPolicies,
): {
  readonly results: readonly CaseResult[];
  readonly passing: readonly Readied[];
  readonly inputs: readonly DecisionInput[];
} {
  const passing: Readied[] = [];
  const inputs: DecisionInput[] = [];
  const results = cases.map((one): CaseResult => {
    const read = inputOf(one, world, policies);
    if ("faults" in read) return { name: one.name, passed: false, failures: read.faults };
    const { decision, failures } = runCase(one.expect, read.ok, policies);
    inputs.push(read.ok);
    if (failures.length === 0) passing.push({ expect: one.expect, input: read.ok });
    return { name: one.name, passed: failures.length === 0, failures, effect: decision.effect };
  });
  return { results, passing, inputs };
}

/**
 * Runs cases, and says what they do not look at. `chosen` policies are given faults, which the cases must notice;
 * `breathe` lets others have their turn between two of them.
 */
export async function runTrial(
  cases: readonly Case[],
  world: TrialWorld,
  policies: CompiledPolicies,
  chosen: (policy: CompiledPolicy) => boolean,
  breathe: () => Promise<void> = () => Promise.resolve(),
): Promise<TrialReport> {
  const { results, passing, inputs } = runCases(cases, world, policies);
  const survivors: { policy: string; fault: string }[] = [];
  let mutants = 0;
  for (const mutant of mutantsOf(policies, chosen)) {
    mutants++;
    await breathe();
    const noticed = passing.some(({ expect, input }) => failuresOf(expect, decide(input, mutant.policies)).length > 0);
    if (!noticed) survivors.push({ policy: mutant.policy, fault: mutant.fault });
  }
  return {
    results,
    coverage: coverageOf(policies, inputs),
    mutation: { mutants, killed: mutants - survivors.length, survivors },
  };
}
