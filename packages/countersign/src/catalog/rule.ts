import type { Json } from "@countersign/contract";
import { z } from "zod";
import { flowSchema } from "./flow.ts";
import { normaliseSchema } from "./normalise/wanted.ts";
import { reachSchema } from "./reach.ts";

const json: z.ZodType<Json> = z.json();
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const argumentName = z.string().min(1).max(128);
const sentence = z.string().min(1).max(500);

/** The methods besides `tools/call` that are governed: each is a tool of every server, allowed by name like any other. */
export const methodNames = [
  "mcp:resources/read",
  "mcp:resources/subscribe",
  "mcp:prompts/get",
  "mcp:completion/complete",
] as const;

export const verbSchema = z.enum(["read", "propose", "execute"]);

/** One way from arguments to an environment; where several are given all must map, and production wins. */
const mappingSchema = z.union([
  z.literal("server").describe("the environment that the tools file declares for the whole server"),
  z.literal("production").describe("always production, with the verb kept"),
  z.literal("unmapped").describe("never mapped: every call is execution in production"),
  z.strictObject({
    by: z.literal("path"),
    arguments: z.array(argumentName).min(1),
    optional: z.array(argumentName).optional().describe("mapped too where present"),
    avoid: z.array(z.string().min(1)).optional().describe("a path with such a segment is not mapped"),
  }),
  z.strictObject({ by: z.literal("host"), arguments: z.array(argumentName).min(1) }),
  z.strictObject({
    by: z.literal("value"),
    argument: argumentName,
    values: z.record(z.string(), z.string().min(1)).describe("argument value to name of an environment"),
  }),
  z.strictObject({
    by: z.literal("name"),
    of: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe("templates of arguments; what each gives is looked up under `names` of the tools file"),
  }),
  z
    .strictObject({ by: z.literal("absent"), arguments: z.array(argumentName).min(1) })
    .describe("beside others: not mapped where one of these is there, since the server would act elsewhere"),
  z.strictObject({ by: z.literal("constant"), environment: z.string().min(1) }),
]);

export const callSchema = z.strictObject({
  tool: z.string().min(1),
  args: z.record(z.string(), json),
});

/** What must hold of `args` and `before` for an inverse to be exact; all members are templates. */
export const premiseSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("empty"), of: json }),
  z.strictObject({ kind: z.literal("present"), of: json }),
  z.strictObject({ kind: z.literal("single"), of: json }),
  z.strictObject({ kind: z.literal("disjoint"), of: json, and: json }),
  z.strictObject({ kind: z.literal("includes"), of: json, all: json }),
  z.strictObject({ kind: z.literal("lacks"), of: json, text: z.string().min(1) }),
  z.strictObject({ kind: z.literal("absent"), argument: argumentName }),
]);

/** What an answer says; values may be templates. */
export const conditionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("equals"), at: z.string().min(1), value: json }),
  z.strictObject({ kind: z.literal("contains"), at: z.string().min(1), value: z.string().min(1) }),
  z
    .strictObject({ kind: z.literal("includes"), at: z.string().min(1), all: json })
    .describe("a list that holds every element of another"),
  z
    .strictObject({ kind: z.literal("lacks"), at: z.string().min(1), any: json })
    .describe("a list that holds no element of another"),
  z.strictObject({ kind: z.literal("answered") }),
  z
    .strictObject({ kind: z.literal("not_answered"), contains: z.string().min(1) })
    .describe("the answer is an error whose text holds these words"),
]);

const reconcileSchema = callSchema
  .extend({
    provided: z
      .array(premiseSchema)
      .optional()
      .describe("what must hold of the arguments and of what was captured, or nothing can be told"),
    doneWhen: conditionSchema.optional(),
    failedWhen: conditionSchema.optional(),
    also: callSchema
      .extend({ when: conditionSchema })
      .optional()
      .describe("a second read that has to agree before it counts as done"),
  })
  .refine(({ doneWhen, failedWhen }) => doneWhen !== undefined || failedWhen !== undefined, {
    error: "says neither when it is done nor when it failed",
  })
  .describe("a read that tells whether the deed happened; where neither condition is met, a person is asked");

const noPlan = { reason: sentence };

export const reversalSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("inverse"),
    capture: callSchema.optional().describe("a read that is called before, whose answer is `before`"),
    premises: z.array(premiseSchema).optional(),
    undo: callSchema,
    unchanged: z
      .union([conditionSchema, z.literal("untold")])
      .exactOptional()
      .describe(
        "what `look` answers now where nothing happened to the target since the deed; its values may name `args`, `before` and the deed's own `result`. An undo of what changed, or of what cannot be told (`untold`: never), is asked about",
      ),
    look: callSchema.exactOptional().describe("the read that `unchanged` is about; the capture where absent"),
    otherwise: z
      .strictObject({ kind: z.enum(["irreversible", "none"]), ...noPlan })
      .optional()
      .describe("what holds where the capture answers with an error or a premise fails"),
    edits: z
      .strictObject({ argument: argumentName, from: argumentName, to: argumentName, undo: argumentName })
      .exactOptional()
      .describe(
        "the argument that lists replacements in a text (`from` one text, `to` another), and the argument of the undo that puts the text back: so people are shown the difference",
      ),
    sentence,
  }),
  z.strictObject({ kind: z.literal("irreversible"), ...noPlan }),
  z.strictObject({ kind: z.literal("none"), ...noPlan }),
]);

const outcome = {
  verb: verbSchema.optional(),
  system: z.string().min(1).optional(),
  environment: z.union([mappingSchema, z.array(mappingSchema).min(1)]).optional(),
  target: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe("the first template that resolves"),
  labels: z.array(z.string().min(1)).optional(),
  reversal: reversalSchema.optional(),
  flow: flowSchema.optional(),
  reconcile: reconcileSchema.optional(),
};

/** What is known of one tool: the same words in a shipped pack and in a workspace's own tools file. */
export const ruleSchema = z.strictObject({
  ...outcome,
  defaults: z.record(argumentName, scalar).optional().describe("what the server takes where the argument is absent"),
  cases: z
    .array(
      z.strictObject({
        when: z.record(argumentName, z.array(scalar).min(1)).default({}),
        absent: z.array(argumentName).min(1).optional(),
        noLine: z
          .record(argumentName, z.string().min(1))
          .optional()
          .describe("texts no line of which begins so: a comment that is a command to its server is no mere comment"),
        ...outcome,
      }),
    )
    .optional()
    .describe(
      "the first case whose arguments all have one of the listed values, where no argument of `absent` is there and where `noLine` holds, overrides the rule",
    ),
  paths: z
    .array(argumentName)
    .optional()
    .describe("arguments that hold a path, or a list of paths, beside those that map"),
  urls: z.array(argumentName).optional(),
  normalise: normaliseSchema.optional(),
  reach: reachSchema.optional(),
  idempotencyArgument: argumentName.optional(),
  note: sentence.optional().describe("why it is classified so, for the person who reviews"),
});

export const environmentSchema = outcome.environment;
export const targetSchema = outcome.target;

export type Rule = z.infer<typeof ruleSchema>;
export type Mapping = z.infer<typeof mappingSchema>;
export type RuleOutcome = Pick<Rule, keyof typeof outcome>;
