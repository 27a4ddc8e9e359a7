import { z } from "zod";
import { name, time } from "./text.ts";

const quantiles = z.strictObject({ p50: z.number(), p90: z.number() }).nullable();

export const approvalReportQuery = z.strictObject({
  weeks: z.coerce.number().int().min(1).max(26).default(4).meta({ description: "how many weeks, 1 to 26" }),
  until: z.iso
    .date()
    .exactOptional()
    .meta({ description: "the last day of the period, in `zone`, such as `2026-11-22`; up to now where missing" }),
  zone: z
    .string()
    .min(1)
    .max(64)
    .default("UTC")
    .meta({ description: "the time zone whose days count, such as `Europe/Berlin`" }),
  workflow: name.exactOptional().meta({ description: "this workflow alone; its DRI may ask for it" }),
});

const asked = {
  questions: z
    .int()
    .meta({ description: "questions to people: one for each policy that asked about an action that was held" }),
  allHands: z
    .int()
    .meta({ description: "of these, how many went to more people, or needed more approvals, than `allHands`" }),
  unmeasured: z
    .int()
    .meta({ description: "of these, how many were asked before it was written down how many people could answer" }),
};

const through = {
  actions: z.int().meta({ description: "actions that policies were asked about" }),
  alone: z.int().meta({ description: "let through without a person, because no rule asked for one" }),
  aloneWrites: z.int().meta({ description: "of these, how many were more than reads" }),
  granted: z.int().meta({ description: "let through on a grant that a person had given beforehand" }),
  observed: z
    .int()
    .meta({ description: "let through because the rule that would have asked a person or denied is only observed" }),
  asked: z.int().meta({ description: "actions that people were asked about" }),
};

const period = z.strictObject({
  since: time,
  until: time,
  ...through,
  ...asked,
  waitMs: quantiles.meta({ description: "from the first question about an action to the end of the last" }),
  rules: z.array(
    z.strictObject({
      workflow: z.string(),
      policy: z.string().meta({ description: "the rule that asked" }),
      title: z.string().nullable().meta({ description: "null where no rule in force has this id any more" }),
      ...asked,
      approvals: z.int().meta({ description: "the most that one of its questions needed" }),
      people: z.int().nullable().meta({ description: "the most people that one of its questions went to" }),
      open: z.int().meta({ description: "of its questions, those about actions that are still held" }),
      waitMs: quantiles,
    }),
  ),
  workflows: z.array(z.strictObject({ workflow: z.string(), ...through, ...asked })),
  weeks: z.array(z.strictObject({ since: time, ...asked, alone: z.int() })),
});

const answers = z.strictObject({
  zone: z.string(),
  by: z.enum(["day", "week"]).meta({ description: "`week` where the period has more than eight" }),
  stretches: z
    .array(
      z.strictObject({
        since: time,
        until: time,
        questions: z.int().meta({ description: "questions that people's answers ended: approved, denied or edited" }),
        decideMs: quantiles.meta({
          description: "of the actions that they were about: from when it was first held to the answer that ended it",
        }),
      }),
    )
    .meta({ description: "days of the zone, the first and the last as far as they lie in the period; or weeks" }),
});

const kept = {
  counted: z.int().meta({ description: "answered, or missed; what was cancelled or stopped in time is neither" }),
  answered: z.int(),
  lapsed: z.int().meta({ description: "nobody answered until the question ended by itself: always missed" }),
  pending: z.int().meta({ description: "open, and not missed yet" }),
  missed: z.int().nullable().meta({ description: "over the target, or lapsed; null where there is no target" }),
  share: z.number().nullable().meta({ description: "of what was counted, answered within the target" }),
  used: z
    .number()
    .nullable()
    .meta({ description: "of the misses that the goal leaves room for, how much is used; null where it leaves none" }),
  state: z.enum(["kept", "at_risk", "missed"]).nullable(),
  waitMs: quantiles.meta({ description: "from being asked to the answer" }),
  sentence: z.string(),
};

const answerTimes = z.strictObject({
  goal: z
    .strictObject({ targetMs: z.int(), share: z.number(), overMs: z.int() })
    .nullable()
    .meta({ description: "`approvals.answerWithin` of the workspace; null where none is set" }),
  overMs: z.int().meta({ description: "over how long it is counted, up to now" }),
  all: z.strictObject(kept),
  workflows: z.array(z.strictObject({ workflow: z.string(), ...kept })),
  isWhole: z.boolean().meta({ description: "false where more was asked than is looked at" }),
});

/** What people were asked and by which rule, in a period and in the one before. */
export const approvalReport = z.strictObject({
  weeks: z.int(),
  allHands: z
    .strictObject({ people: z.int(), approvals: z.int() })
    .meta({ description: "a question is all-hands where more people could answer it, or it needed more approvals" }),
  period,
  before: period,
  answers: answers.meta({
    description: "what people answered within the period, about actions that were asked for in it or in the one before",
  }),
  answerTimes: answerTimes.meta({ description: "how fast people answer now, whatever the period" }),
  erased: z
    .int()
    .meta({ description: "actions of both periods whose content was erased: nobody knows any more what was asked" }),
  isWhole: z.boolean(),
  sentence: z.string(),
});
