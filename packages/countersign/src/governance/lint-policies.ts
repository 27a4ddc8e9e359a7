import { decidedLately } from "../action/index.ts";
import { type LintFinding, lint } from "../policy/index.ts";
import type { Control } from "./control.ts";

export interface PolicyFindings {
  readonly days: number;
  /** Decisions that were looked at for rules that decided nothing. */
  readonly looked: number;
  readonly isWhole: boolean;
  readonly findings: readonly LintFinding[];
}

/** What is behind other rules or says what others say; with `days` also what decided nothing in them. */
export async function lintPolicies(control: Control, days?: number): Promise<PolicyFindings> {
  const { policies } = control.keeper.loaded().policies;
  if (days === undefined) return { days: 0, looked: 0, isWhole: true, findings: lint(policies) };
  const sinceMs = control.parts.ledger.now() - days * 86_400_000;
  const { decided, isWhole } = await decidedLately(control.parts, { sinceMs });
  const determining = new Set(decided.flatMap(({ determining: ids }) => ids));
  // Where nothing was decided at all, nothing is said of what is unused.
  const findings = lint(policies, decided.length === 0 ? undefined : determining);
  return { days, looked: decided.length, isWhole, findings };
}
