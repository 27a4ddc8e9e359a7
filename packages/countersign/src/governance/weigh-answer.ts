import type { ApprovalFact, Requirement } from "@countersign/contract";
import { approvalsOf } from "../action/approval-sql.ts";
import { standingNow } from "../action/capacities.ts";
import type { Measured, OpenAction } from "../action/index.ts";
import { standingOf } from "../action/resume.ts";
import { iso } from "../floor/clock.ts";
import { countAsOne, type Hands } from "../identity/index.ts";
import { excluded, tally } from "../policy/index.ts";
import type { Control } from "./control.ts";

type Approval = Extract<Requirement, { kind: "approval" }>;

/** What an approval adds to the questions that it answers. */
export interface Weight {
  /** Why it adds nobody to any of them, though it is recorded; absent where it counts. */
  readonly notCounted?: string;
  /** Why one more person is asked, though it counts. */
  readonly skimmed?: string;
  /** With it every question that is asked of people has its answers. */
  readonly isComplete: boolean;
}

/** Weighs an approval before it is written, by the same count as policy will: what counts there is told here. */
export async function weighAnswer(
  control: Control,
  open: OpenAction,
  hands: Hands & { readonly isSigned: boolean },
  answered: readonly Approval[],
  measured: Pick<Measured, "skimmed" | "unopened" | "mends">,
): Promise<Weight> {
  const { parts, keeper } = control;
  const plane = parts.plane.current();
  const nowMs = parts.ledger.now();
  const owner = keeper.loaded().directory.agents.get(open.agent)?.owner ?? "";
  const standing = standingOf({ requirements: open.requirements, stand_ins: open.standIns ?? [] });
  const all = await approvalsOf(parts.db, open.id);
  const before = all.some((one) => one.person === hands.person && one.skimmed === true);
  const isSkimmed = measured.skimmed || (before && !measured.mends);
  const others = all.filter((one) => one.person !== hands.person);
  const given = standingNow(plane, open.workflow, others, standing);
  let notCounted: string | undefined;
  let counts = false;
  let missing = 0;
  for (const asked of open.requirements) {
    if (asked.kind !== "approval") continue;
    const people = excluded(asked.exclude, { ...open, owner });
    const quorum = {
      ...asked,
      count: countAsked(asked),
      callDigest: open.callDigest,
      excluded: people,
      passkey: asked.passkey === true,
    };
    const fact = factOf(asked, open, hands, nowMs);
    const mine = answered.includes(asked) ? [isSkimmed ? { ...fact, skimmed: true as const } : fact] : [];
    const without = tally(quorum, given, nowMs);
    const having = tally(quorum, [...given, ...mine], nowMs);
    missing += having.missing;
    if (having.counted.length > without.counted.length) counts = true;
    else if (mine.length > 0) notCounted ??= because(hands, people, given);
  }
  const skimmed = isSkimmed ? { skimmed: tooShort(measured) } : {};
  return { ...(counts || notCounted === undefined ? {} : { notCounted }), ...skimmed, isComplete: missing === 0 };
}

/** What the policy itself asks. */
export function countAsked({ count, raised }: Approval): number {
  return raised === true ? count - 1 : count;
}

function tooShort({ mends, unopened }: Pick<Measured, "unopened" | "mends">): string {
  const look = unopened
    ? "the risk is high and most of what it does was never opened"
    : "the risk is high and you looked at it for less than this workspace calls a look";
  return mends ? `${look}: look again and answer again, since nobody else can` : `${look}, so one more person is asked`;
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
