import { decidedLately, mostActions } from "../action/index.ts";
import type { PersonCaller } from "../identity/index.ts";
import { type LintFinding, lint } from "../policy/index.ts";
import type { Control } from "./control.ts";
import { noteReads } from "./note-reads.ts";

export interface PolicyFindings {
  readonly days: number;
  /** Decisions that were looked at for rules that decided nothing. */
  readonly looked: number;
  readonly isWhole: boolean;
  readonly findings: readonly LintFinding[];
}

/** What is behind other rules or says what others say; with `days` also what decided nothing in them. */
export async function lintPolicies(control: Control, person: PersonCaller, days?: number): Promise<PolicyFindings> {
  const { policies } = control.keeper.loaded().policies;
  if (days === undefined) return { days: 0, looked: 0, isWhole: true, findings: lint(policies) };
  const nowMs = control.parts.ledger.now();
  const sinceMs = nowMs - days * 86_400_000;
  const range = { since: new Date(sinceMs).toISOString(), until: new Date(nowMs).toISOString(), most: mostActions };
  await noteReads(control, person, range, "policy lint --unused");
  const { decided, isWhole } = await decidedLately(control.parts, { sinceMs });
  const determining = new Set(decided.flatMap(({ determining: ids }) => ids));
  // Where nothing was decided at all, nothing is said of what is unused.
  const findings = lint(policies, decided.length === 0 ? undefined : determining);
  return { days, looked: decided.length, isWhole, findings };
}
