import { z } from "zod";
import { actionView, editLink, question, undoLink } from "./action.ts";
import { requirement } from "./decision.ts";
import { approvalPasskey, assertion } from "./passkey.ts";
import { effect, missing, readByRun, risk, riskLevel, touched, undo, why } from "./shown.ts";
import { actionId, digest, json, jsonObject, name, next, reason, time, toolName } from "./text.ts";

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
  /** A person made it of this other action, which is refused. */
  editOf: editLink.exactOptional(),
  /** It undoes this other action, and who asked for that. In a list without the reason. */
  undoes: undoLink.exactOptional(),
};

const voided = z
  .string()
  .exactOptional()
  .meta({ description: "you approved it, and that no longer counts: why, and what to do" });

const partId = z
  .string()
  .regex(/^(call|before|why|(change|file)\/(0|[1-9][0-9]{0,3}))$/)
  .meta({ description: "`change/0`, `file/3`, `call`, `before` or `why`" });

const part = z.strictObject({
  id: partId,
  kind: z
    .enum(["change", "file", "call", "before", "why"])
    .meta({ description: "the part `call` is a `change` where the difference does not tell of all that it changes" }),
  name: z.string().meta({ description: "what it is of, as the request has it" }),
  size: z.int().meta({ description: "characters" }),
});

export const opened = z
  .array(partId)
  .max(1000)
  .exactOptional()
  .meta({ description: "the `parts` that were opened or in view; what is not named counts as not opened" });

/** One line of the inbox. `yours`: the asking person may answer it. */
export const approvalLine = z.strictObject({ ...openAction, yours: z.boolean(), voided });

/** Everything that an approver is shown: the effect first, the raw call to the last byte, the agent's own words last. */
export const approval = z.strictObject({
  ...openAction,
  yours: z.boolean(),
  voided,
  args: json.exactOptional(),
  /** What travels with the arguments: answers to a question of the server, metadata. */
  beyond: json.exactOptional(),
  before: json.exactOptional(),
  plan: json.exactOptional(),
  claim: z.string().exactOptional(),
  /** What was asked back; each reply is a claim of the agent. */
  questions: z.array(question).exactOptional(),
  passkey: approvalPasskey,
  breakGlass: z
    .strictObject({
      as: z.string(),
      missing,
      withinMs: z.number().meta({ description: "how long the one answer stands until the call is sent" }),
      reviewMs: z.number().meta({ description: "in how long somebody else has to review it" }),
      passkey: approvalPasskey,
    })
    .exactOptional()
    .meta({ description: "you may answer this alone, in place of all that are missing; absent where you may not" }),
  /** Absent where the person may not see arguments. */
  effect: effect.exactOptional(),
  parts: z
    .array(part)
    .exactOptional()
    .meta({ description: "what there is to look at; absent where the person may not see arguments" }),
  reach: touched,
  undo,
  why,
  flow: readByRun.exactOptional(),
  /** Absent where the person may not see arguments. */
  shownDigest: digest.exactOptional().meta({
    description:
      "SHA-256 of the canonical JSON (RFC 8785) of what is shown: `v` 2, and of these members, where they are there, id, agent, workflow, run, server, tool, verb, target, environment, callDigest, onBehalfOf, args, beyond, before, claim, questions, editOf, undoes, risk, requirements without their sentences, plan without capturedAt, `touched` (the counts of reach), and flow without its sentence. `effect` follows from args, before and plan",
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
  action: actionId
    .exactOptional()
    .meta({ description: "this action alone: whether it waits, and whether it is yours; it is not shown by that" }),
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
  opened,
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
  skimmed: z.string().exactOptional().meta({
    description:
      "why one more person is asked: this was looked at for too short a time, or most of it was never opened",
  }),
  /** The request was seeded: it was no action, and nothing could have happened. Told to its approver alone. */
  canary: z.strictObject({ caught: z.boolean(), sentence: z.string() }).exactOptional(),
});

const shown = {
  callDigest: answerBody.shape.callDigest,
  shownDigest: answerBody.shape.shownDigest,
};

/** The action stays held; the question reaches its agent as the held answer. */
export const askBackBody = z.strictObject({
  ...shown,
  question: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .meta({ description: "what the agent is asked; at most 10 for an action" }),
});

export const editBody = z.strictObject({
  ...shown,
  arguments: jsonObject.meta({ description: "all arguments of the edited call" }),
  reason: reason.meta({ description: "why; it goes back to the agent" }),
});

/** `edited.state` is `refused` where policy denies the edited call: then `first` is held as before. */
export const edited = z.strictObject({
  first: actionView,
  edited: actionView,
  /** The edit counts as this person's approval of the edited call. */
  counts: z.boolean(),
  /** Why it does not count as one. */
  notCounted: z.string().exactOptional(),
});

const batchItem = z.strictObject({ id: actionId, ...shown });

/** What may be answered together: the same tool, target class, argument paths, questions, risk and shape; nothing irreversible. */
export const batches = z.strictObject({
  batches: z.array(
    z.strictObject({
      server: z.string(),
      tool: z.string(),
      workflow: z.string(),
      environment: z.string(),
      verb: z.string(),
      /** JSON pointers of what is in the arguments, the same for each. */
      paths: z.array(z.string()),
      /** The shape of what each of them changes, in words: what, whether it adds or removes, and how much in powers of ten. */
      shape: z.array(z.string()),
      /** The words of risk, the same for each. */
      risk: z.array(z.string()),
      /** How many of the items have to be opened one by one before all can be answered. */
      sample: z.int(),
      /** Oldest first, at most 20. `opened`: the asking person has opened it by itself within the last hour. */
      items: z.array(approval.extend({ opened: z.boolean() })),
      /** How many more wait that did not fit. */
      more: z.int(),
    }),
  ),
  /** How many more wait that may be alike and were not opened to be compared: there is a bound on what one look reads. */
  unlooked: z.int(),
});

export const batchBody = z.strictObject({
  verdict: z.enum(["approve", "deny"]),
  reason: z.string().max(2000).default("").meta({ description: "why; a denial needs it" }),
  items: z.array(batchItem).min(2).max(20),
});

export const batched = z.strictObject({
  /** Id of the batch, as each receipt names it. */
  batch: z.string(),
  answered: z.array(z.strictObject({ id: actionId, view: actionView, notCounted: z.string().exactOptional() })),
  /** What was not answered: it changed, ended, or is not this person's. The rest was. */
  left: z.array(z.strictObject({ id: actionId, because: z.string() })),
});

const unknownLine = z.strictObject({ ...openAction });
export const unknownPage = z.strictObject({ unknowns: z.array(unknownLine) });
export const settleBody = z.strictObject({
  happened: z.boolean(),
  evidence: z.string().min(1).max(4000).meta({ description: "how the person knows" }),
});
