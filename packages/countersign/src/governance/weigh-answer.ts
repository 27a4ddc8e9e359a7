import type { ApprovalFact, Requirement } from "@countersign/contract";
import { capacitiesOf } from "../action/capacities.ts";
import type { OpenAction } from "../action/index.ts";
import { standingOf } from "../action/resume.ts";
import { approvalsOf } from "../action/sql.ts";
import { iso } from "../floor/clock.ts";
import { countAsOne, type Hands } from "../identity/index.ts";
import { excluded, tally } from "../policy/index.ts";
import type { Control } from "./control.ts";

type Approval = Extract<Requirement, { kind: "approval" }>;

/** What an approval adds to the questions that it answers. */
export interface Weight {
  /** Why it adds nobody to any of them, though it is recorded; absent where it counts. */
  readonly notCounted?: string;
  /** With it every question that is asked of people has its answers. */
  readonly isComplete: boolean;
}

/** Weighs an approval before it is written, by the same count as policy will: what counts there is told here. */
export async function weighAnswer(
  control: Control,
  open: OpenAction,
  hands: Hands & { readonly isSigned: boolean },
  answered: readonly Approval[],
): Promise<Weight> {
  const { parts, keeper } = control;
  const plane = parts.plane.current();
  const nowMs = parts.ledger.now();
  const owner = keeper.loaded().directory.agents.get(open.agent)?.owner ?? "";
  const standing = standingOf({ requirements: open.requirements, stand_ins: open.standIns ?? [] });
  const given = (await approvalsOf(parts.db, open.id))
    .filter((one) => one.person !== hands.person)
    .map((one) => ({ ...one, groups: capacitiesOf(plane, open.workflow, one, standing) }));
  let notCounted: string | undefined;
  let counts = false;
  let missing = 0;
  for (const asked of open.requirements) {
    if (asked.kind !== "approval") continue;
    const people = excluded(asked.exclude, { ...open, owner });
    const quorum = { ...asked, callDigest: open.callDigest, excluded: people, passkey: asked.passkey === true };
    const mine = answered.includes(asked) ? [factOf(asked, open, hands, nowMs)] : [];
    const without = tally(quorum, given, nowMs);
    const all = tally(quorum, [...given, ...mine], nowMs);
    missing += all.missing;
    if (all.counted.length > without.counted.length) counts = true;
    else if (mine.length > 0) notCounted ??= because(hands, people, given);
  }
  return { ...(counts || notCounted === undefined ? {} : { notCounted }), isComplete: missing === 0 };
}

function factOf(
  { policy, policyDigest, from }: Approval,
  open: OpenAction,
  { isSigned, person, vouchedBy }: Hands & { readonly isSigned: boolean },
  nowMs: number,
): ApprovalFact {
  const signed = isSigned ? ({ passkey: true } as const) : {};
  const { callDigest } = open;
  return { policy, policyDigest, person, vouchedBy, groups: [from], at: iso(nowMs), callDigest, ...signed };
}

function because(hands: Hands, people: readonly string[], given: readonly ApprovalFact[]): string {
  const mine = [hands.person, ...hands.vouchedBy];
  if (people.some((one) => mine.includes(one)))
    return "who asked for this, or owns the agent, is excluded from approving it";
  for (const { person, vouchedBy = [] } of given) {
    const why = countAsOne(hands, { person, vouchedBy });
    if (why !== undefined) return `\`${person}\` has approved it already${why}`;
  }
  return "enough others have approved it, or you are not asked any more";
}
