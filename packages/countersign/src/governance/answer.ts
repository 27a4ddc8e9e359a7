import type { Requirement } from "@countersign/contract";
import { advanceHeld } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

export interface AnswerRequest {
  readonly action: string;
  readonly verdict: "approve" | "deny";
  /** Digest of the call that was shown: an answer to anything else is refused. */
  readonly callDigest: string;
  /** Digest of what was on the screen. */
  readonly shownDigest: string;
  readonly reason: string;
  readonly dwellMs?: number;
  /** The policy that asks, where several do. */
  readonly policy?: string;
}

/** A person answers a held action. An approval is evidence for one policy's requirement; a denial ends the action. */
export async function answer(control: Control, person: PersonCaller, request: AnswerRequest): Promise<void> {
  const open = await control.hall.open(request.action);
  if (open === undefined)
    throw new Problem("not_found", `no action \`${request.action.slice(0, 60)}\` waits for an answer`);
  if (open.frozenBy !== undefined) throw new Problem("conflict", "it is frozen by a stop; lift the stop first");
  if (open.callDigest !== request.callDigest) {
    throw new Problem("conflict", "the call is not the one that you were shown: it or its target changed", {
      help: "look at it again before you answer",
    });
  }
  if (request.verdict === "deny" && request.reason.trim() === "") {
    throw new Problem("invalid", "a denial needs a reason: it goes back to the agent", { at: "/reason" });
  }
  const asked = askedOf(control, person, open, request.policy);
  await advanceHeld(control.parts, {
    action: request.action,
    person: person.email,
    groups: person.groups,
    verdict: request.verdict,
    reason: request.reason,
    method: person.method,
    shownDigest: request.shownDigest,
    callDigest: request.callDigest,
    dwellMs: request.dwellMs ?? null,
    requirements: asked.map(({ requirement }) => requirement),
    as: asked[0]?.as ?? "",
    singlePerson: asked.some(({ singlePerson }) => singlePerson),
  });
  if (request.verdict === "approve") control.hall.nudge(request.action);
}

type Approval = Extract<Requirement, { kind: "approval" }>;

/** The requirements that this person was asked for and may answer. */
function askedOf(
  control: Control,
  person: PersonCaller,
  open: {
    readonly workflow: string;
    readonly agent: string;
    readonly onBehalfOf?: string;
    readonly requirements: readonly Requirement[];
  },
  policy: string | undefined,
): readonly { requirement: Approval; as: string; singlePerson: boolean }[] {
  const approvals = open.requirements.filter(
    (one): one is Approval => one.kind === "approval" && (policy === undefined || one.policy === policy),
  );
  if (approvals.length === 0) throw new Problem("conflict", "nobody's approval is missing for this action");
  const answers = [];
  let refused: Problem | undefined;
  for (const requirement of approvals) {
    const context = contextOf(control, {
      agent: open.agent,
      workflow: open.workflow,
      from: requirement.from,
      exclude: requirement.exclude,
      ...(open.onBehalfOf === undefined ? {} : { requester: open.onBehalfOf }),
    });
    try {
      const permission = requireMay(person, "approve", context);
      answers.push({ requirement, as: permission.as, singlePerson: permission.singlePerson });
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      refused = thrown;
    }
  }
  if (answers.length === 0) throw refused ?? new Problem("forbidden", "nobody asked you");
  return answers;
}
