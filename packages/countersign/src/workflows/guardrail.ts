import { z } from "zod";
import { askedSchema, toolIdSchema } from "./names.ts";
import { daySchema, durationSchema } from "./quantity.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const argumentSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)
  .meta({ description: "the name of an argument of the tool, such as `amount`" });

/** `49.90 EUR` in hundredths. */
const centsSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{2})? [A-Z]{3}$/)
  .meta({ description: "an amount and a currency, such as `50 EUR` or `49.90 EUR`" })
  .transform((text) => {
    const [amount = "", currency = ""] = text.split(" ");
    const [whole = "0", fraction = "00"] = amount.split(".");
    return { cents: Number(whole) * 100 + Number(fraction), currency };
  });

const daysSchema = z
  .array(z.enum(weekdays))
  .min(1)
  .max(7)
  .default(["mon", "tue", "wed", "thu", "fri"])
  .meta({ description: "a list of days of the week on which the hours begin, such as `[mon, tue, wed, thu, fri]`" })
  .transform((days) => days.map((day) => weekdays.indexOf(day) + 1));

const minutesSchema = z
  .string()
  .regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/)
  .meta({
    description: "hours of the day, such as `09:00-17:00`; `22:00-06:00` goes over midnight, into the day after",
  })
  .transform((text) => {
    const [from = 0, to = 0] = text.split("-").map((one) => Number(one.slice(0, 2)) * 60 + Number(one.slice(3)));
    return { from, to };
  });

const zoneSchema = z.string().min(1).max(64).meta({ description: "a time zone by its name, such as `Europe/Berlin`" });

const textsSchema = (what: string) =>
  z
    .array(
      z
        .string()
        .max(200)
        .regex(/^[ !#-)+-[\]-_a-~]+$/),
    )
    .max(200)
    .meta({ description: what });

const asking = {
  from: askedSchema.meta({ description: "who may approve: a group, `dri`, or one person's e-mail address" }),
  count: z.int().min(1).max(10).default(1).meta({ description: "a number from 1 to 10: how many people must approve" }),
  open: durationSchema
    .prefault("4h")
    .meta({ description: "a duration such as `4h`: how long the question stays open; then it is denied" }),
  valid: durationSchema.prefault("1h").meta({ description: "a duration such as `1h`: how long an approval counts" }),
  exclude: z
    .array(z.enum(["requester", "owner"]))
    .default(["requester"])
    .meta({ description: "who may not approve: `requester`, `owner`" }),
};

const common = <U extends string>(use: U) => ({
  use: z.literal(use),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .exactOptional()
    .meta({ description: "the guardrail's own name, where one template is used twice: `a-z`, `0-9` and `-`" }),
});

const tools = z.array(toolIdSchema).min(1).max(200).meta({ description: "a list of tools, each as `server.tool`" });
const production = z
  .boolean()
  .default(false)
  .meta({ description: "`true`: only where the target is in production; `false`: everywhere" });
const pers = ["workflow", "agent", "run", "target"] as const;
const scopes = {
  per: z
    .union([
      z.enum(["workflow", "workspace", "agent", "person", "run", "target"]),
      z.templateLiteral(["args.", z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)]),
    ])
    .default("workflow")
    .meta({
      description:
        "what is counted by itself: `workflow`, `workspace`, `agent`, `person`, `run`, `target`, or each value of an argument, such as `args.customer`",
    }),
  across: z
    .literal("workspace")
    .exactOptional()
    .meta({ description: "`workspace`: calls of these tools in every workflow count" }),
};
const hours = { zone: zoneSchema, days: daysSchema, hours: minutesSchema };

/** One entry of `guardrails`: a template by `use`, with its parameters. */
export const guardrailSchema = z
  .discriminatedUnion("use", [
    z.strictObject({
      ...common("refund-limits"),
      tools,
      amount: argumentSchema,
      in: z.enum(["cents", "whole", "decimal"]).default("cents").meta({
        description: "what the argument's number is: integer hundredths, an integer, or a number with a point",
      }),
      currency: argumentSchema
        .exactOptional()
        .meta({ description: "the argument that names the currency, where the tool takes one" }),
      aloneUnder: centsSchema.meta({ description: "an amount such as `50 EUR`: less than this needs nobody" }),
      upTo: centsSchema.meta({ description: "an amount such as `500 EUR`: more than this is always refused" }),
      perDay: centsSchema
        .exactOptional()
        .meta({ description: "an amount such as `2000 EUR`: all calls in 24 hours, of the workflow or as `per` says" }),
      ...scopes,
      ...asking,
    }),
    z.strictObject({ ...common("four-eyes"), tools, production, ...asking }),
    z.strictObject({
      ...common("freeze"),
      tools: tools.exactOptional().meta({ description: "a list of tools; every execution where absent" }),
      zone: zoneSchema,
      from: daySchema,
      to: daySchema,
      production,
    }),
    z.strictObject({ ...common("change-window"), tools, production, ...hours }),
    z.strictObject({
      ...common("business-hours"),
      tools,
      production,
      ...hours,
      ...asking,
    }),
    z.strictObject({
      ...common("step-limit"),
      tools,
      argument: argumentSchema,
      current: z
        .string()
        .regex(/^(\/[A-Za-z0-9_.-]+)+$/)
        .meta({
          description:
            "where the tool's reviewed capture has the present value: a JSON pointer such as `/structuredContent/percentage`",
        }),
      most: z.int().min(1).max(1_000_000_000).meta({ description: "a whole number from 1: the largest step" }),
      production,
    }),
    z.strictObject({
      ...common("egress"),
      tools,
      argument: argumentSchema,
      domains: textsSchema("a list of domains, such as `[acme.example]`"),
      labels: textsSchema("a list of labels: only what carries one of them; everything where absent").default([]),
    }),
    z.strictObject({
      ...common("data-egress"),
      tools,
      arguments: z
        .array(argumentSchema)
        .min(1)
        .max(20)
        .exactOptional()
        .meta({ description: "what says where it goes, by its name under `normalise`; every address where absent" }),
      domains: z
        .array(z.string().regex(/^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/))
        .min(1)
        .max(200)
        .meta({ description: "a list of domains in lower case, such as `[acme.example]`; what lies below them too" }),
      labels: textsSchema("a list of labels: only what carries one of them; everything where absent").default([]),
    }),
    z.strictObject({
      ...common("first-time-target"),
      tools,
      ...asking,
    }),
    z.strictObject({
      ...common("done-before"),
      tools,
      done: toolIdSchema,
      within: durationSchema.meta({ description: "a duration such as `1h`: how long before, at most" }),
      since: toolIdSchema.exactOptional().meta({
        description: "a tool as `server.tool`: after each call of it on that target `done` is needed anew",
      }),
      production,
    }),
    z.strictObject({
      ...common("right-after"),
      tools,
      done: tools.meta({ description: "a list of tools, each as `server.tool`: what the call just before is one of" }),
      may: z.enum(["only", "never"]).meta({
        description:
          "`only`: nothing but right after one of them, done; `never`: not right after one, however it ended",
      }),
      per: z
        .enum(pers)
        .default("run")
        .meta({ description: "whose calls have the order: those of the `run`, `agent`, `target` or `workflow`" }),
      within: durationSchema.meta({ description: "a duration such as `1h`, at most 30d: how long before, at most" }),
      production,
    }),
    z.strictObject({
      ...common("call-limit"),
      tools,
      most: z.int().min(1).max(1_000_000_000).meta({ description: "a whole number from 1: how many calls" }),
      ...scopes,
      within: durationSchema.meta({ description: "a duration such as `1h`, at most 30d: the stretch of time" }),
    }),
    z.strictObject({
      ...common("object-limit"),
      tools,
      argument: argumentSchema
        .exactOptional()
        .meta({ description: "the argument that lists what is touched, such as `rows`; or `counts`" }),
      counts: z
        .enum(["objects", "customers", "nodes", "rows"])
        .exactOptional()
        .meta({ description: "what the tools' own `reach` counts: `objects`, `customers`, `nodes` or `rows`" }),
      most: z.int().min(1).max(1_000_000_000).meta({ description: "a whole number from 1: how many things" }),
      ...scopes,
      within: durationSchema.meta({ description: "a duration such as `1h`, at most 30d: the stretch of time" }),
    }),
    z.strictObject({
      ...common("expires"),
      tools,
      zone: zoneSchema.default("UTC"),
      until: daySchema.meta({ description: "the last day of the grant, such as `2026-12-31`" }),
    }),
    z.strictObject({
      ...common("only-within"),
      tools,
      environments: textsSchema("a list of environments").min(1),
      targets: textsSchema("what targets begin with; any target where absent").default([]),
    }),
  ])
  .meta({ description: "a guardrail: the template's name under `use`, and its parameters" });

export type GuardrailFile = z.output<typeof guardrailSchema>;
