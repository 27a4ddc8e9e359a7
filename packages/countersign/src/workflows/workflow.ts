import { z } from "zod";
import { guardrailSchema } from "./guardrail.ts";
import { askedSchema, emailSchema, nameSchema, toolIdSchema } from "./names.ts";
import {
  daySchema,
  durationSchema,
  endOfDayMs,
  escalationStepSchema,
  everySchema,
  modeSchema,
  moneySchema,
  shareSchema,
} from "./quantity.ts";

export const patterns = [
  "copilot-only",
  "guardrailed",
  "autonomous-nonprod",
  "autonomous-prod-limited",
  "mesh",
] as const;

const count = z.int().min(1).max(1_000_000_000);

/** How many calls at most; what is absent has no limit of its own. */
export const callLimitsSchema = z
  .strictObject({
    perMinute: count.exactOptional().meta({ description: "a whole number from 1: calls in a minute" }),
    perRun: count.exactOptional().meta({ description: "a whole number from 1: calls in a run" }),
    perDay: count.exactOptional().meta({ description: "a whole number from 1: calls in a day" }),
  })
  .meta({ description: "how many calls at most" });

const askSchema = z
  .strictObject({
    tool: toolIdSchema,
    from: askedSchema.meta({
      description: "who may approve: a group, `dri` for the DRI and who stands in, or one person's e-mail address",
    }),
    count: z
      .int()
      .min(1)
      .max(10)
      .default(1)
      .meta({ description: "a number from 1 to 10: how many people must approve" }),
    open: durationSchema
      .prefault("4h")
      .meta({ description: "a duration such as `4h`: how long the question stays open; then it is denied" }),
    valid: durationSchema.prefault("1h").meta({ description: "a duration such as `1h`: how long an approval counts" }),
    exclude: z
      .array(z.enum(["requester", "owner"]))
      .default(["requester"])
      .meta({ description: "who may not approve: `requester`, `owner`" }),
    grants: z
      .union([z.boolean(), z.literal("production")])
      .default(false)
      .meta({
        description:
          "`true`: a person may approve calls of one shape beforehand, for a time; `production`: also of an agent of tier 3 in production",
      }),
    passkey: z.boolean().exactOptional().meta({
      description:
        "`true`: only an approval signed with a passkey counts; `false`: none is needed; without it, one is needed for what cannot be undone in production",
    }),
    glass: z.literal("never").exactOptional().meta({
      description: "`never`: nobody breaks the glass over it, also where `approvals.breakGlass` lets somebody",
    }),
  })
  .meta({ description: "a tool that needs people's approval: `tool` and `from`" })
  .transform(({ open, valid, grants, ...rest }) => ({
    ...rest,
    openMs: open,
    validMs: valid,
    ...(grants === false ? {} : { grants: grants === true ? ("yes" as const) : grants }),
  }));

const gateSchema = z
  .strictObject({
    suite: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/)
      .meta({ description: "the name of an evaluation suite" }),
    threshold: shareSchema,
    rule: z
      .enum(["point", "wilson"])
      .default("point")
      .meta({ description: "`point`, or `wilson` for the lower bound of the interval" }),
    adversarial: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/)
      .exactOptional()
      .meta({ description: "the name of an adversarial suite" }),
  })
  .meta({ description: "the evaluation that has to hold: `suite` and `threshold`" });

const loggingSchema = z
  .strictObject({
    capture: z
      .enum(["full", "digests"])
      .default("full")
      .meta({ description: "`full`, or `digests` where contents must not be kept" }),
    redact: z
      .array(z.enum(["personal", "secret"]))
      .default(["personal"])
      .meta({ description: "what is cut from receipts: `personal`, `secret`" }),
    keep: durationSchema.exactOptional().meta({
      description:
        "a duration such as `400d`: what actions said and answered is erased so long after their end; else kept",
    }),
  })
  .meta({ description: "what is recorded and for how long" })
  .transform(({ keep, ...rest }) => ({ ...rest, ...(keep === undefined ? {} : { keepMs: keep }) }));

const budgetSchema = z
  .strictObject({
    run: moneySchema.exactOptional().meta({ description: "an amount and a currency such as `2 USD`: for one run" }),
    day: moneySchema.exactOptional().meta({ description: "an amount and a currency such as `50 USD`: for one day" }),
    alert: shareSchema.prefault("80%").meta({ description: "a percentage such as `80%`: when people are told" }),
    calls: callLimitsSchema.prefault({}),
  })
  .meta({ description: "money for a run and a day, and numbers of calls" });

const capsSchema = z
  .strictObject({
    objects: count.exactOptional().meta({ description: "a whole number from 1: objects that one call may touch" }),
    customers: count.exactOptional().meta({ description: "a whole number from 1: customers that one call may touch" }),
    nodes: count.exactOptional().meta({ description: "a whole number from 1: machines that one call may touch" }),
    rows: count.exactOptional().meta({ description: "a whole number from 1: rows that one call may touch" }),
    money: moneySchema
      .exactOptional()
      .meta({ description: "an amount and a currency such as `500 EUR`: what one call may move" }),
  })
  .meta({ description: "how much one call may touch; a call that cannot be counted is refused" });

const rollbackSchema = z
  .strictObject({
    playbook: z.string().min(1).max(300).meta({ description: "the path of the playbook" }),
    drill: everySchema
      .exactOptional()
      .meta({ description: "`every` and a duration, such as `every 30d`: how often it is practised" }),
  })
  .meta({ description: "how this is undone: `playbook`, and `drill: every 30d`" })
  .transform(({ drill, ...rest }) => ({ ...rest, ...(drill === undefined ? {} : { drillEveryMs: drill }) }));

const ruleSchema = z
  .strictObject({
    rule: z.string().min(1).max(500).meta({ description: "a sentence: what must hold" }),
    by: z
      .array(z.string().min(1).max(300))
      .max(20)
      .default([])
      .meta({ description: "what enforces it: ids of policies, and checks as `check:secrets`" }),
  })
  .meta({ description: "a rule in words, and what enforces it: `rule` and `by`" });

/** The less confidential first. */
export const cutLabels = ["internal", "personal", "secret"] as const;

const cutSchema = z
  .strictObject({
    tool: toolIdSchema,
    label: z.enum(cutLabels).meta({
      description: "`internal`, `personal` or `secret`: what has this label in the catalog, or a more confidential one",
    }),
  })
  .meta({ description: "a tool and a label: `{ tool: crm.find_contact, label: personal }`" });

const periodSchema = z
  .strictObject({ from: daySchema, to: daySchema })
  .meta({ description: "`from` and `to`, two days" });

const coverSchema = z
  .strictObject({ person: emailSchema, from: daySchema, to: daySchema })
  .meta({ description: "who stands in for the DRI, and when: `person`, `from` and `to`" });

/** A workflow file, `workflows/<name>.yaml`: its rules of the road. */
export const workflowFile = z
  .strictObject({
    workflow: nameSchema.meta({ description: "the name of the workflow, as the file is named" }),
    purpose: z.string().min(1).max(2000).meta({ description: "a sentence that says what it is for" }),
    dri: emailSchema.meta({
      description: "one person's e-mail address: a workflow has exactly one DRI; `deputy` and `cover` are separate",
    }),
    deputy: emailSchema.exactOptional().meta({ description: "one person's e-mail address" }),
    cover: z.array(coverSchema).max(20).default([]).meta({ description: "a list of people who stand in, with days" }),
    delegates: z
      .array(emailSchema)
      .max(20)
      .default([])
      .meta({ description: "a list of people who administer this workflow beside its DRI, and nothing else" }),
    pattern: z.enum(patterns).meta({ description: `one of ${patterns.map((p) => `\`${p}\``).join(", ")}` }),
    agents: z
      .array(nameSchema.meta({ description: "the name of an agent" }))
      .max(100)
      .meta({ description: "a list of agents' names" }),
    tier: z.literal([0, 1, 2, 3]).meta({
      description: "0 (reads only), 1 (proposes), 2 (executes outside production) or 3 (named production tools)",
    }),
    allow: z.array(toolIdSchema).max(2000).default([]).meta({ description: "a list of tools, each as `server.tool`" }),
    ask: z
      .array(askSchema)
      .max(2000)
      .default([])
      .meta({ description: "a list of tools that need approval, each with `tool` and `from`" }),
    block: z.array(toolIdSchema).max(2000).default([]).meta({ description: "a list of tools, each as `server.tool`" }),
    irreversible: z
      .array(toolIdSchema)
      .max(2000)
      .default([])
      .meta({ description: "tools from `allow` or `ask` that may run in production although nothing undoes them" }),
    redact: z.array(cutSchema).max(2000).default([]).meta({
      description: "what the answers of tools from `allow` or `ask` are to be without, for agents and records",
    }),
    guardrails: z
      .array(guardrailSchema)
      .max(200)
      .default([])
      .meta({ description: "a list of guardrails, each a template under `use` with its parameters" }),
    rules: z
      .array(ruleSchema)
      .max(200)
      .default([])
      .meta({ description: "rules in words, each with what enforces it; one without is shown as unenforced" }),
    gate: gateSchema.exactOptional(),
    logging: loggingSchema.prefault({}),
    budget: budgetSchema.prefault({}),
    caps: capsSchema.prefault({}),
    escalation: z
      .array(escalationStepSchema)
      .max(20)
      .default([])
      .meta({ description: "a list such as `[ana@acme.example after 15m, leads after 1h may answer]`" }),
    chat: z
      .enum(["off", "low-risk"])
      .default("off")
      .meta({ description: "`low-risk`: what can be undone outside production may be answered in Slack; else `off`" }),
    rollback: rollbackSchema.exactOptional(),
    baseline: periodSchema.exactOptional(),
    mode: modeSchema.prefault("enforce"),
    flow: z.enum(["enforce", "off"]).default("enforce").meta({
      description: "`enforce`, or `off`: what a run has read decides nothing here",
    }),
  })
  .meta({ title: "Countersign workflow", description: "the rules of the road of one workflow" })
  .transform(({ workflow, ...rest }) => ({ name: workflow, ...rest }));

export type Workflow = z.output<typeof workflowFile>;
export type Ask = Workflow["ask"][number];
/** A workflow as its file writes it, before it is read. */
export type WorkflowDraft = z.input<typeof workflowFile>;

/** What is in force at a moment: observing ends with its last day, UTC, and then the rules bite. */
export function modeAt(workflow: Pick<Workflow, "mode">, nowMs: number): "enforce" | "observe" {
  const { mode } = workflow;
  return mode.kind === "observe" && nowMs <= endOfDayMs(mode.until) ? "observe" : "enforce";
}

/** Who answers for the workflow on a day: the cover of that day, else the DRI. The DRI stays accountable. */
export function standsIn(workflow: Pick<Workflow, "dri" | "cover">, day: string): string {
  return workflow.cover.find((cover) => cover.from <= day && day <= cover.to)?.person ?? workflow.dri;
}

/** Somebody whom `from: dri` asks, and in what capacity. */
export interface Answering {
  readonly person: string;
  readonly as: "DRI" | "deputy" | "cover";
}

/** Whom `from: dri` asks on a day: the DRI, the deputy, and who covers that day. */
export function answering(workflow: Pick<Workflow, "dri" | "deputy" | "cover">, day: string): readonly Answering[] {
  const { dri, deputy } = workflow;
  const cover = standsIn(workflow, day);
  const all: readonly Answering[] = [
    { person: dri, as: "DRI" },
    ...(deputy === undefined ? [] : [{ person: deputy, as: "deputy" } as const]),
    { person: cover, as: "cover" },
  ];
  return all.filter(({ person }, at) => all.findIndex((one) => one.person === person) === at);
}
