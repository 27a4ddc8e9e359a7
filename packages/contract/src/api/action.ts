import { z } from "zod";
import { type State, states } from "../state.ts";
import { requirement } from "./decision.ts";
import { reversalBrief } from "./reversal.ts";
import { riskLevel } from "./shown.ts";
import { actionId, json, jsonObject, name, next, page, period, reason, runId, time, toolName } from "./text.ts";

/** What an approver asked the agent back, and what it said: a claim. Numbered from 1 within the action. */
export const question = z.strictObject({
  number: z.int(),
  by: z.string(),
  at: time,
  question: z.string(),
  reply: z.string().exactOptional(),
  repliedAt: time.exactOptional(),
});

/** The other action of an edit: what it was made of, or into. */
export const editLink = z.strictObject({ action: actionId, by: z.string(), reason: z.string() });

/** The deed that an action undoes, and who asked for that and why where it was a person. An agent's reason is its claim. */
export const undoLink = z.strictObject({
  action: actionId,
  by: z.string().exactOptional(),
  reason: z.string().exactOptional(),
});

export const replyBody = z.strictObject({
  reply: z.string().min(1).max(4000).meta({ description: "what the agent says; approvers are shown it as a claim" }),
  question: z
    .int()
    .min(1)
    .max(10)
    .exactOptional()
    .meta({ description: "which question; the oldest open one if absent" }),
});

const stateNames = states as readonly [State, ...State[]];
export const state = z.enum(stateNames);

export const submitBody = z.strictObject({
  server: name,
  tool: toolName,
  arguments: jsonObject,
  run: runId.exactOptional(),
  claim: z.string().max(4000).exactOptional().meta({ description: "what the agent says about why; shown as a claim" }),
  environment: name
    .exactOptional()
    .meta({ description: "what the agent thinks the environment is; else it is refused" }),
  waitMs: z.int().min(0).max(60_000).default(0).meta({ description: "how long to wait for an answer of people" }),
});

export const reasonBody = z.strictObject({ reason });

export const actionView = z.strictObject({
  id: actionId,
  state,
  refusal: z.string().exactOptional(),
  agent: z.string(),
  workflow: z.string(),
  run: z.string(),
  server: z.string(),
  tool: z.string(),
  verb: z.enum(["read", "propose", "execute"]),
  target: z.string(),
  environment: z.string(),
  argsDigest: z.string(),
  callDigest: z.string(),
  at: time,
  sentence: z.string(),
  observed: z.enum(["require", "deny"]).exactOptional().meta({
    description: "what enforcement would have said of what ran, where its workflow or a rule is only observed",
  }),
  requirements: z.array(requirement),
  result: json.exactOptional(),
  isError: z.boolean().exactOptional(),
  receipt: z.string(),
  advisory: z.boolean().exactOptional(),
  reverses: z.string().exactOptional(),
  reversedBy: z.string().exactOptional(),
  /** What approvers asked back while it was held. */
  questions: z.array(question).exactOptional(),
  /** It was refused because a person edited it: the edited call is this other action. */
  editedTo: editLink.exactOptional(),
  /** A person made it of this other action. `arguments`: what they made of them. */
  editOf: editLink.extend({ arguments: json.exactOptional() }).exactOptional(),
});

export const actionQuery = z.strictObject({
  workflow: name.exactOptional(),
  agent: name.exactOptional(),
  run: runId.exactOptional(),
  tool: z.string().min(1).max(300).exactOptional().meta({ description: "`server.tool`" }),
  state: state.exactOptional(),
  risk: riskLevel.exactOptional().meta({
    description: "what people were told of how much depends on it; only what waited for them has one. For people alone",
  }),
  target: z.string().min(1).max(1000).exactOptional().meta({
    description: "what it acted on, or whole words of that, such as a file of a path. For people alone",
  }),
  ...period,
  ...page,
});

export const actionLine = z.strictObject({
  id: actionId,
  state,
  agent: z.string().nullable(),
  workflow: z.string().nullable(),
  tool: z.string().nullable(),
  run: z.string().nullable(),
  at: time,
  receipt: z.string(),
});

export const actionPage = z.strictObject({ actions: z.array(actionLine), next });

const runLine = {
  id: runId,
  agent: z.string().nullable(),
  workflow: z.string().nullable(),
  /** When its newest action came. */
  at: time,
  actions: z.int().meta({ description: "how many of its actions were looked at; `more` where there are others" }),
  more: z.boolean(),
  states: z.record(z.string(), z.int()).meta({ description: "those by state" }),
};

export const runQuery = z.strictObject({
  workflow: name.exactOptional(),
  agent: name.exactOptional(),
  ...period,
  cursor: actionId.exactOptional().meta({ description: "`next` of the page before" }),
});

/** Runs, the one that acted last first. */
export const runPage = z.strictObject({ runs: z.array(z.strictObject(runLine)), next });

export const runView = z.strictObject({
  id: runId,
  agent: z.string(),
  workflow: z.string(),
  /** Absent for a run that the plane made up for a session. */
  opened: z
    .strictObject({
      by: z.string(),
      trusted: z.boolean(),
      at: time,
      closedAt: time.nullable(),
      task: z.string().nullable(),
      parent: z.string().nullable(),
      plan: z.array(z.looseObject({ tool: z.string() })).nullable(),
      parameters: json,
    })
    .nullable(),
  /** What it has read, that is not trusted or not public. */
  marks: z.array(
    z.strictObject({ kind: z.string(), label: z.string(), tool: z.string(), action: z.string(), at: time }),
  ),
  /** How far the newest reversal is that it is part of; absent where nobody asked for one. */
  reversal: reversalBrief.exactOptional(),
});

/** What happened in a run, newest first, with every move that each action made. */
export const runTimeline = z.strictObject({
  actions: z.array(
    z.strictObject({
      id: actionId,
      state,
      tool: z.string(),
      verb: z.string(),
      system: z.string(),
      environment: z.string(),
      target: z.string(),
      argsDigest: z
        .string()
        .meta({ description: "of the arguments, which are not here; empty where they were erased" }),
      effect: z.string().nullable(),
      policies: z.array(z.string()),
      requires: z.array(z.string()),
      checks: z.array(z.strictObject({ name: z.string(), verdict: z.string() })),
      refusal: z.string().exactOptional(),
      isError: z.boolean().exactOptional(),
      reverses: z.string().exactOptional(),
      reversedBy: z.string().exactOptional(),
      money: z.strictObject({ minor: z.number(), currency: z.string() }).exactOptional().meta({
        description: "what the call names as an amount of money, in minor units; absent where nothing is known",
      }),
      moves: z.array(
        z.strictObject({
          at: time,
          kind: z.string(),
          to: z.string().nullable(),
          person: z.string().nullable(),
          writer: z.string().meta({ description: "the process of the plane that wrote it" }),
        }),
      ),
    }),
  ),
  next,
});

/** The conditions of the policies that decided an action, and of those that came close. */
export const actionConditions = z.strictObject({
  effect: z.enum(["allow", "require", "deny"]),
  policySet: z.strictObject({ revision: z.number(), digest: z.string() }),
  inForce: z.boolean().meta({ description: "whether exactly that set is in force now" }),
  policies: z.array(
    z.strictObject({
      policy: z.string(),
      title: z.string().exactOptional(),
      effect: z.enum(["permit", "forbid"]),
      digest: z.string(),
      determined: z.boolean(),
      conditions: z.array(
        z.strictObject({
          kind: z.string(),
          text: z.string().meta({ description: "as Cedar" }),
          cure: z.boolean().meta({ description: "what the policy itself asks for: an approval, a check, a wait" }),
          held: z.boolean().nullable().meta({ description: "null: an earlier one did not hold" }),
          error: z.string().exactOptional(),
        }),
      ),
    }),
  ),
  gone: z.array(z.string()).meta({ description: "policies that decided and whose text is not in force any more" }),
});

const caseDecided = {
  effect: z.enum(["allow", "require", "deny"]),
  policies: z.array(z.string()),
};

/** An action's last decision as a case of the policy tests. */
export const actionCase = z.strictObject({
  action: actionId,
  was: z.strictObject(caseDecided),
  text: z.string().meta({ description: "a file of cases with this one, as YAML; `expect` is what was decided" }),
  is: z
    .strictObject({ ...caseDecided, sentence: z.string() })
    .meta({ description: "what the set in force decides of the case as it is written" }),
  same: z.boolean().meta({
    description: "both say the same; where not, the rules changed since, or a case cannot say all that was known",
  }),
});

export const pageQuery = z.strictObject({ ...page });

export const waitQuery = z.strictObject({
  waitMs: z.coerce.number().int().min(0).max(60_000).default(0).meta({ description: "how long to wait for its end" }),
});

export const runBody = z.strictObject({
  agent: name.exactOptional().meta({ description: "needed where a person opens the run" }),
  task: z.string().min(1).max(20_000).exactOptional(),
  parent: runId.exactOptional(),
  plan: z
    .array(
      z.strictObject({
        tool: z.string().min(3).max(256).meta({ description: "`server.tool`" }),
        target: z.string().min(1).max(4_096).exactOptional().meta({ description: "any target where absent" }),
      }),
    )
    .min(1)
    .max(200)
    .exactOptional()
    .meta({ description: "the steps that the run means to take; any other is marked, and policy can refuse it" }),
  parameters: jsonObject
    .exactOptional()
    .meta({ description: "values that the task is about: a call may go where one of them says" }),
});

export const closedRun = z.strictObject({ id: runId, closedAt: time });

export const run = z.strictObject({ id: z.string(), trusted: z.boolean() });
