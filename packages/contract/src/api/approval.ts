import { z } from "zod";
import { actionView } from "./action.ts";
import { requirement } from "./decision.ts";
import { approvalPasskey, assertion } from "./passkey.ts";
import { effect, readByRun, risk, riskLevel, touched, undo, why } from "./shown.ts";
import { actionId, digest, json, name, next, time, toolName } from "./text.ts";

const openAction = {
  id: actionId,
  state: z.enum(["held", "ready", "running", "unknown"]),
  agent: z.string(),
  workflow: z.string(),
  run: z.string(),
  server: z.string(),
  tool: z.string(),
  verb: z.string(),
  target: z.string(),
  environment: z.string(),
  callDigest: z.string(),
  requirements: z.array(requirement),
  sentence: z.string(),
  openedAt: time,
  expiresAt: time.exactOptional(),
  frozenBy: z.string().exactOptional(),
  /** To whom it was escalated with the right to answer. */
  standIns: z.array(z.string()).exactOptional(),
  onBehalfOf: z.string().exactOptional(),
  /** Who vouched for the login of that person: they count as one. Without such a person: who issued the agent's key. */
  vouchedBy: z.array(z.string()).exactOptional(),
  risk: risk
    .exactOptional()
    .meta({ description: "how much depends on the answer; absent where a version before this held it" }),
};

/** One line of the inbox. `yours`: the asking person may answer it. */
export const approvalLine = z.strictObject({ ...openAction, yours: z.boolean() });

/** Everything that an approver is shown: the effect first, the raw call to the last byte, the agent's own words last. */
export const approval = z.strictObject({
  ...openAction,
  yours: z.boolean(),
  args: json.exactOptional(),
  /** What travels with the arguments: answers to a question of the server, metadata. */
  beyond: json.exactOptional(),
  before: json.exactOptional(),
  plan: json.exactOptional(),
  claim: z.string().exactOptional(),
  passkey: approvalPasskey,
  /** Absent where the person may not see arguments. */
  effect: effect.exactOptional(),
  reach: touched,
  undo,
  why,
  flow: readByRun.exactOptional(),
  /** Absent where the person may not see arguments. */
  shownDigest: digest.exactOptional().meta({
    description:
      "SHA-256 of the canonical JSON (RFC 8785) of what is shown: `v` 2, and of these members, where they are there, id, agent, workflow, run, server, tool, verb, target, environment, callDigest, onBehalfOf, args, beyond, before, claim, risk, requirements without their sentences, plan without capturedAt, `touched` (the counts of reach), and flow without its sentence. `effect` follows from args, before and plan",
  }),
});

export const approvalQuery = z.strictObject({
  order: z
    .enum(["risk", "time"])
    .default("risk")
    .meta({ description: "`risk`: the highest first, then what ends soonest; `time`: oldest first" }),
  mine: z.enum(["true", "false"]).exactOptional().meta({ description: "`true`: only what you may answer" }),
  workflow: name.exactOptional(),
  agent: name.exactOptional(),
  tool: toolName.exactOptional().meta({ description: "`server.tool`" }),
  risk: riskLevel.exactOptional(),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,300}$/)
    .exactOptional()
    .meta({ description: "`next` of the page before: a place in the order, whatever came or went since" }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "how many at most, 1 to 200" }),
});
export const approvalPage = z.strictObject({ approvals: z.array(approvalLine), next });

export const answerBody = z.strictObject({
  verdict: z.enum(["approve", "deny"]),
  callDigest: digest.meta({ description: "digest of the call that was shown" }),
  shownDigest: digest.meta({
    description: "`shownDigest` of the approval as it was last asked for: an answer to anything else is a conflict",
  }),
  reason: z.string().max(2000).default(""),
  dwellMs: z.int().min(0).max(86_400_000).exactOptional().meta({ description: "how long it was looked at" }),
  policy: z.string().min(1).max(300).exactOptional().meta({ description: "the policy that asks, where several do" }),
  assertion: assertion.exactOptional().meta({
    description:
      "a passkey's signature, where a requirement asks for one; its challenge is `passkey.challenge` of the approval",
  }),
});

/** The action as it is now; `notCounted` where the approval is recorded and adds nobody to what was asked for. */
export const answered = actionView.extend({
  notCounted: z
    .string()
    .exactOptional()
    .meta({ description: "why the approval does not count, though it is recorded" }),
  skimmed: z
    .string()
    .exactOptional()
    .meta({ description: "why one more person is asked: this was looked at for too short a time" }),
  /** The request was seeded: it was no action, and nothing could have happened. Told to its approver alone. */
  canary: z.strictObject({ caught: z.boolean(), sentence: z.string() }).exactOptional(),
});

const unknownLine = z.strictObject({ ...openAction });
export const unknownPage = z.strictObject({ unknowns: z.array(unknownLine) });
export const settleBody = z.strictObject({
  happened: z.boolean(),
  evidence: z.string().min(1).max(4000).meta({ description: "how the person knows" }),
});
