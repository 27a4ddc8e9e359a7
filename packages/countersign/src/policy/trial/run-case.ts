import type { Decision, DecisionInput, Requirement } from "@countersign/contract";
import { decide } from "../decide.ts";
import type { CompiledPolicies } from "../policy.ts";
import type { Case, ExpectedRequirement } from "./case.ts";

/** Decides a case's input as the gate does, and says in sentences what is not as the case expects it. */
export function runCase(
  expect: Case["expect"],
  input: DecisionInput,
  policies: CompiledPolicies,
): { readonly decision: Decision; readonly failures: readonly string[] } {
  const decision = decide(input, policies);
  return { decision, failures: failuresOf(expect, decision) };
}

/** What a decision is not as expected; empty where it is. */
export function failuresOf(expect: Case["expect"], decision: Decision): readonly string[] {
  const failures: string[] = [];
  if (decision.effect !== expect.effect)
    failures.push(`expected ${expect.effect}, and it is ${decision.effect}: ${decision.sentence}`);
  const decided = decision.determining.map((policy) => policy.id).toSorted();
  if (expect.policies !== undefined && decided.join("\n") !== expect.policies.toSorted().join("\n"))
    failures.push(`expected it decided by ${listed(expect.policies)}, and it is by ${listed(decided)}`);
  if (expect.requires !== undefined) failures.push(...requirementFailures(expect.requires, decision.requirements));
  return failures;
}

function requirementFailures(
  expected: readonly ExpectedRequirement[],
  found: readonly Requirement[],
): readonly string[] {
  const open = [...found];
  const missing = expected.filter((one) => {
    const at = open.findIndex((requirement) => meets(one, requirement));
    if (at >= 0) open.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((one) => `expected it to need ${wordsOf(one)}, and it does not`),
    ...open.map((one) => `it needs what was not expected: ${one.sentence}`),
  ];
}

function meets(expected: ExpectedRequirement, found: Requirement): boolean {
  if ("approval" in expected)
    return (
      found.kind === "approval" && found.from === expected.approval && (expected.count ?? found.count) === found.count
    );
  if ("check" in expected) return found.kind === "check" && found.name === expected.check;
  return found.kind === "wait" && Date.parse(found.until) === Date.parse(expected.wait);
}

function wordsOf(expected: ExpectedRequirement): string {
  if ("approval" in expected)
    return `${expected.count === undefined ? "approval" : `${expected.count} approvals`} from \`${expected.approval}\``;
  return "check" in expected ? `check \`${expected.check}\`` : `to wait until ${expected.wait}`;
}

function listed(ids: readonly string[]): string {
  return ids.length === 0 ? "no policy" : ids.map((id) => `\`${id}\``).join(", ");
}
