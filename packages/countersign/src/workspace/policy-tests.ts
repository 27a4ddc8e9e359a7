import { z } from "zod";
import { durationSchema, emailSchema, nameSchema } from "../workflows/index.ts";
import { toolIdSchema } from "../workflows/names.ts";

const text = z.string().min(1).max(2000);
const instant = z.iso.datetime().meta({ description: "an instant in UTC such as `2026-01-05T12:00:00Z`" });

const approval = z
  .strictObject({
    person: emailSchema.meta({ description: "who approved: the e-mail address of a person" }),
    policy: z
      .string()
      .min(1)
      .max(300)
      .exactOptional()
      .meta({ description: "the id of the policy that asked; else all that may ask this person" }),
    ago: durationSchema.exactOptional().meta({ description: "a duration such as `10m`: how long ago; else just now" }),
  })
  .meta({ description: "one person's approval of this very call" })
  .transform(({ ago, ...rest }) => ({ ...rest, agoMs: ago ?? 0 }));

const check = z
  .union([
    z.enum(["pass", "fail", "error", "none"]),
    z
      .strictObject({ verdict: z.enum(["pass", "fail", "error", "none"]), ago: durationSchema.exactOptional() })
      .transform(({ verdict, ago }) => ({ verdict, agoMs: ago ?? 0 })),
  ])
  .meta({ description: "`pass`, `fail`, `error`, or `none` where it has not run; with `ago`, how long ago" })
  .transform((given) => (typeof given === "string" ? { verdict: given, agoMs: 0 } : given));

const touched = z.int().min(0);

const facts = z
  .strictObject({
    stopped: z.boolean().default(false).meta({ description: "`true` where a stop is in force" }),
    reviewed: z.boolean().default(true).meta({ description: "`false` for a tool whose definition nobody reviewed" }),
    reversal: z
      .enum(["plan", "irreversible", "none"])
      .exactOptional()
      .meta({ description: "`plan`, `irreversible` or `none`; else what the catalog promises" }),
    signals: z.array(text).max(100).default([]).meta({ description: "signals such as `freeze`" }),
    tainted: z.boolean().default(false).meta({ description: "`true` where the run has read what strangers wrote" }),
    read: z
      .array(z.enum(["internal", "personal", "secret"]))
      .default([])
      .meta({ description: "kinds of confidential data that the run has read" }),
    beyond: z
      .array(z.enum(["personal", "secret"]))
      .default([])
      .meta({ description: "kinds of it that stand in records which no task names; else none" }),
    origins: z
      .array(z.enum(["task", "endorsed", "approved", "trusted", "untrusted", "none"]))
      .min(1)
      .exactOptional()
      .meta({ description: "where the call's destinations came from; else `task`, or `none` in a tainted run" }),
    planned: z.boolean().exactOptional().meta({ description: "whether the run's plan names this step" }),
    counts: z
      .record(z.string().max(100), z.int().min(0))
      .default({})
      .meta({ description: "numbers by the name of their window" }),
    sums: z.record(z.string().max(300), z.int().min(0)).exactOptional().meta({
      description:
        "sums by the id of the policy that reads them, this call included; without it the call's own amount alone",
    }),
    steps: z.record(z.string().max(300), z.int().min(0)).exactOptional().meta({
      description:
        "how far the call moves a value, by the id of the policy that limits it; without it that policy errs",
    }),
    formerly: z
      .array(z.string().min(1).max(300))
      .max(100)
      .exactOptional()
      .meta({ description: "ids of the policies whose window holds an earlier call; else none" }),
    previous: z
      .array(z.string().min(1).max(300))
      .max(100)
      .exactOptional()
      .meta({ description: "ids of the policies whose tools the call just before was of; else none" }),
    reach: z
      .strictObject({
        objects: touched.exactOptional(),
        customers: touched.exactOptional(),
        nodes: touched.exactOptional(),
        rows: touched.exactOptional(),
      })
      .exactOptional()
      .meta({ description: "how much the call touches by what is read before it, such as `{ rows: 120 }`; else none" }),
  })
  .meta({ description: "what else is known when policy decides" });

/** A call as people write it down: what is left out is what the workspace and the catalog say. */
const request = {
  agent: nameSchema.meta({ description: "the name of an agent" }),
  workflow: nameSchema.exactOptional().meta({ description: "the workflow that it acts in; else its own" }),
  tier: z
    .literal([0, 1, 2, 3])
    .exactOptional()
    .meta({ description: "the tier in force; else the one that the workflow asks for" }),
  for: emailSchema.exactOptional().meta({ description: "the person that the agent acts for" }),
  tool: toolIdSchema,
  args: z
    .record(z.string().max(200), z.json())
    .default({})
    .meta({ description: "the arguments, as the tool takes them" }),
  verb: z
    .enum(["read", "propose", "execute"])
    .exactOptional()
    .meta({ description: "`read`, `propose` or `execute`; else what the catalog says of these arguments" }),
  environment: nameSchema
    .exactOptional()
    .meta({ description: "where the target lies; else what the catalog says of these arguments" }),
  target: text.exactOptional().meta({ description: "what is acted on; else what the catalog says of these arguments" }),
  labels: z
    .array(text)
    .max(100)
    .exactOptional()
    .meta({ description: "labels of the target; else those of the catalog" }),
  approvals: z
    .array(z.union([emailSchema.transform((person) => ({ person, agoMs: 0 })), approval]))
    .max(50)
    .default([])
    .meta({ description: "who approved it: addresses, or `person`, `policy` and `ago`" }),
  checks: z
    .record(z.string().max(100), check)
    .default({})
    .meta({ description: "results of checks by their name; what is not here has passed just now" }),
  facts: facts.prefault({}),
  stage: z
    .enum(["list", "call", "resume", "release"])
    .exactOptional()
    .meta({ description: "`resume` where there are approvals, else `call`" }),
  at: instant.default("2026-01-05T12:00:00Z"),
};

const requirement = z
  .union([
    z.strictObject({ approval: z.string().min(1).max(254), count: z.int().min(1).max(10).exactOptional() }),
    z.strictObject({ check: z.string().min(1).max(100) }),
    z.strictObject({ wait: instant }),
  ])
  .meta({ description: "`approval` (a group, `dri` or an address) and `count`, or `check`, or `wait`" });

const expected = z
  .strictObject({
    effect: z.enum(["allow", "require", "deny"]).meta({ description: "`allow`, `require` or `deny`" }),
    policies: z
      .array(z.string().min(1).max(300))
      .max(100)
      .exactOptional()
      .meta({ description: "the ids of exactly the policies that decide it" }),
    requires: z.array(requirement).max(50).exactOptional().meta({ description: "exactly what is asked for" }),
  })
  .meta({ description: "what must be decided: `effect`, and `policies` and `requires` where they matter" });

const testCase = z
  .strictObject({
    name: z.string().min(1).max(200).meta({ description: "a sentence that says what must hold" }),
    ...request,
    expect: expected,
  })
  .meta({ description: "one call and what must be decided about it" });

/** `policies/<name>.test.yaml`: what must be decided about calls. They run before a workspace is put in force. */
export const policyTestsFile = z
  .strictObject({
    cases: z
      .array(testCase)
      .min(1)
      .max(2000)
      .meta({ description: "a list of cases, each with `name`, `agent`, `tool` and `expect`" }),
  })
  .meta({ title: "Countersign policy tests", description: "what must be decided about calls" });

/** One call to explain: `policy explain --request`. */
export const requestFile = z
  .strictObject(request)
  .meta({ title: "Countersign request", description: "one call, to be explained" });

export type TestCase = z.output<typeof testCase>;
export type Request = z.output<typeof requestFile>;

/** The cases of one file, each with where it stands. */
export interface PolicyTests {
  readonly file: string;
  readonly cases: readonly (TestCase & { readonly line: number; readonly column: number })[];
}
