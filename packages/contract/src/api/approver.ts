import { z } from "zod";
import { state } from "./action.ts";
import { risk } from "./shown.ts";
import { actionId, email, next, time } from "./text.ts";

const place = {
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,300}$/)
    .exactOptional()
    .meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "how many at most, 1 to 200" }),
};

/** Something that the person answered, and how it ended. */
export const answerLine = z.strictObject({
  action: actionId,
  at: time.meta({
    description: "when it was answered; the last time, where it was answered again",
    format: "date-time",
  }),
  verdict: z.enum(["approve", "deny"]),
  reason: z.string(),
  dwellMs: z.int().nullable().meta({ description: "how long it was looked at; null where nobody said" }),
  policies: z.array(z.string()),
  agent: z.string(),
  workflow: z.string(),
  server: z.string(),
  tool: z.string(),
  target: z.string(),
  environment: z.string(),
  risk: risk.shape.level.exactOptional(),
  state,
  refusal: z.string().exactOptional(),
  sentence: z.string().meta({ description: "how it ended, or how it stands" }),
  isError: z.boolean().exactOptional(),
  reversedBy: z.string().exactOptional().meta({ description: "the action that undid it" }),
  skimmed: z.boolean().exactOptional(),
  voided: z.string().exactOptional().meta({ description: "this approval no longer counts: why, and what to do" }),
  receipt: z.string().exactOptional().meta({ description: "absent for a seeded request, which was no action" }),
  canary: z.strictObject({ caught: z.boolean(), sentence: z.string() }).exactOptional(),
});
export const answersQuery = z.strictObject({
  ...place,
  action: actionId.exactOptional().meta({ description: "only what you answered to this action" }),
});
export const answersPage = z.strictObject({ answers: z.array(answerLine), next });

const quantiles = z.strictObject({ p50: z.number(), p90: z.number() }).nullable();

/** By Little's law: waiting = arrivals per hour × mean wait in hours. */
const forecast = z.strictObject({
  arrivalsPerHour: z.number(),
  servicePerHour: z.number().nullable().meta({ description: "what can be answered; null where nobody knows" }),
  utilisation: z.number().nullable(),
  saturated: z.boolean(),
  waiting: z
    .number()
    .nullable()
    .meta({ description: "how many will wait on average; null where it grows or is not known" }),
  waitMs: z.number().nullable(),
  growsPerHour: z.number().meta({ description: "by how many the queue grows each hour; 0 where it does not" }),
  sentence: z.string(),
});

const queue = z.strictObject({
  workflow: z.string(),
  from: z.string(),
  people: z.int(),
  open: z.int(),
  oldestMs: z.number().nullable(),
  arrived: z.int().meta({ description: "asked for within the window" }),
  ended: z.int(),
  waitMs: quantiles.meta({ description: "from being asked to the end of the question" }),
  meanWaiting: z.number().meta({ description: "how many waited on average over the window" }),
  waiting: z.array(z.number()).meta({ description: "the same of each hour of the window, the oldest first" }),
  forecast,
});

const signal = z.strictObject({
  signal: z.enum(["too_fast", "always_yes", "canary_missed"]),
  sentence: z.string(),
});

const approver = z.strictObject({
  person: email,
  open: z.int().meta({ description: "what waits and they may answer" }),
  answered: z.int(),
  answers: z.array(z.int()).meta({ description: "of these, how many in each hour of the window, the oldest first" }),
  answeredPerHour: z.number(),
  approvedShare: z.number().nullable(),
  decideMs: quantiles.meta({ description: "from being asked to their answer" }),
  dwellMs: quantiles,
  /** Absent where the workspace sets no such budget. */
  budget: z.strictObject({ perHour: z.int(), used: z.int(), freeAt: time.nullable() }).exactOptional(),
  forecast,
  signals: z.array(signal).meta({ description: "why these answers may be no decisions; empty is good" }),
});

/** Over the last day. `approvers`: oneself, or everybody for whoever may read what is private. */
export const approvalLoad = z.strictObject({
  windowMs: z.int(),
  queues: z.array(queue),
  approvers: z.array(approver),
});

/** Seeded known-bad requests that the person was given: told to them alone, and only when they ended. */
export const canaries = z.strictObject({
  share: z.number().meta({ description: "of their answers; 0 where none is seeded" }),
  caught: z.int(),
  missed: z.int(),
  lapsed: z.int(),
  caughtShare: z.number().nullable(),
  last: z.array(
    z.strictObject({
      id: actionId,
      at: time,
      caught: z.boolean(),
      tool: z.string(),
      target: z.string(),
      sentence: z.string().meta({ description: "what was bad about it" }),
    }),
  ),
});
