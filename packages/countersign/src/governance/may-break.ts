import type { ApprovalFact, Requirement } from "@countersign/contract";
import { approvalsOf } from "../action/approval-sql.ts";
import type { Missing } from "../action/approvals.ts";
import { standingNow } from "../action/capacities.ts";
import type { BreakGlass, OpenAction } from "../action/index.ts";
import { standingOf } from "../action/resume.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { excluded, tally } from "../policy/index.ts";
import type { Control } from "./control.ts";
import { questionOf } from "./question-of.ts";
import { countAsked } from "./weigh-answer.ts";

const byName = "as named for it";

type Permission = ReturnType<typeof may>;
type Approval = Extract<Requirement, { kind: "approval" }>;

export type MayBreak =
  | { readonly allowed: true; readonly as: string; readonly glass: BreakGlass; readonly asked: readonly Approval[] }
  | { readonly allowed: false; readonly because: string; readonly help?: string };

/**
 * Whether this person may answer this alone, in place of all that are missing: where the workspace says so, no policy that
 * asks forbids it, and none of them excludes them. Whoever asked for it never may, also where they may be one of several.
 */
export function mayBreakGlass(control: Control, person: PersonCaller, open: OpenAction): MayBreak {
  const { answering, singlePerson } = control.parts.plane.current();
  const glass = answering?.breakGlass;
  if (glass === undefined)
    return {
      allowed: false,
      because: "nobody breaks the glass here",
      help: "`approvals.breakGlass` in `countersign.yaml` says who may; without it nobody may",
    };
  // Whoever is alone has nobody to review it.
  if (singlePerson) return { allowed: false, because: "there is nobody else who could review it" };
  const asked = open.requirements.filter((one): one is Approval => one.kind === "approval");
  if (asked.length === 0) return { allowed: false, because: "nobody's approval is missing for this action" };
  const never = asked.find((one) => one.glass === "never");
  if (never !== undefined)
    return {
      allowed: false,
      because: `the policy \`${never.policy}\` says that nobody breaks the glass over it`,
      help: "those who were asked have to answer",
    };
  const permission = permitted(control, person, open, glass, asked);
  if (!permission.allowed) return permission;
  return { allowed: true, as: permission.as, glass, asked };
}

function permitted(
  control: Control,
  person: PersonCaller,
  open: OpenAction,
  { by }: BreakGlass,
  asked: readonly Approval[],
): Permission {
  const exclude = [...new Set(["requester" as const, ...asked.flatMap((one) => one.exclude)])];
  const [first] = asked;
  let refused: Permission = { allowed: false, because: "breaking the glass is for others here" };
  if (first === undefined) return refused;
  for (const from of by) {
    // To whom the question was escalated is asked like others: it names nobody who may break the glass.
    const context = { ...questionOf(control, open, { ...first, from, exclude }), escalatedTo: [], singlePerson: false };
    const permission = may(person, "break-glass", context);
    if (permission.allowed) return from.includes("@") ? { ...permission, as: byName } : permission;
    if (!permission.because.startsWith("this is asked from")) refused = permission;
  }
  return refused;
}

/** Whose answers each question lacks now, and who has given theirs; nobody's while somebody's answer alone stands. */
export async function whoseMissing(control: Control, open: OpenAction): Promise<readonly Missing[]> {
  const { parts, keeper } = control;
  const owner = keeper.loaded().directory.agents.get(open.agent)?.owner ?? "";
  const standing = standingOf({ requirements: open.requirements, stand_ins: open.standIns ?? [] });
  const nowMs = parts.ledger.now();
  const answers = await approvalsOf(parts.db, open.id);
  const stands = ({ callDigest, glass }: ApprovalFact) =>
    callDigest === open.callDigest && glass !== undefined && Date.parse(glass.until) > nowMs;
  if (answers.some(stands)) return [];
  const all = answers.filter(({ glass }) => glass === undefined);
  const given = standingNow(parts.plane.current(), open.workflow, all, standing);
  return open.requirements.flatMap((asked) => {
    if (asked.kind !== "approval") return [];
    const { callDigest } = open;
    const people = excluded(asked.exclude, { ...open, owner });
    const passkey = asked.passkey === true;
    const quorum = { ...asked, count: countAsked(asked), callDigest, excluded: people, passkey };
    const { counted, missing } = tally(quorum, given, nowMs);
    return missing === 0 ? [] : [{ policy: asked.policy, from: asked.from, missing, given: counted }];
  });
}
