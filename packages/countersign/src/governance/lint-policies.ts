import type { PersonCaller } from "../identity/index.ts";
import { type LintFinding, lint } from "../policy/index.ts";
import type { Control } from "./control.ts";
import { decidedSince, mostActions } from "./decided-since.ts";
import { noteReads } from "./note-reads.ts";

export interface PolicyFindings {
  readonly days: number;
  /** Decisions that were looked at for rules that decided nothing. */
  readonly looked: number;
  /** False where there were more than are read: then no rule is called unused. */
  readonly isWhole: boolean;
  readonly findings: readonly LintFinding[];
}

/** What is behind other rules or says what others say; with `days` also what decided nothing in them. */
export async function lintPolicies(
  control: Control,
  person: PersonCaller,
  days?: number,
  most = mostActions,
): Promise<PolicyFindings> {
  const { policies } = control.keeper.loaded().policies;
  if (days === undefined) return { days: 0, looked: 0, isWhole: true, findings: lint(policies) };
  const nowMs = control.parts.ledger.now();
  const sinceMs = nowMs - days * 86_400_000;
  const range = { since: new Date(sinceMs).toISOString(), until: new Date(nowMs).toISOString(), most };
  await noteReads(control, person, range, "policy lint --unused");
  const { isWhole, each } = await decidedSince(control.parts, { sinceMs, most });
  const determining = new Set<string>();
  let looked = 0;
  await each((decided) => {
    looked++;
    for (const id of decided.determining) determining.add(id);
  });
  // Where nothing was decided at all, or older decisions were not looked at, nothing is said of what is unused.
  const findings = lint(policies, looked === 0 || !isWhole ? undefined : determining);
  return { days, looked, isWhole, findings };
}
