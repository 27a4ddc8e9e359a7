import { z } from "zod";
import { files } from "./plane.ts";
import { digest, idOf, json, jsonObject, name, time } from "./text.ts";

/** Questions about policies that are not in force. */
export const policyCheckBody = z.strictObject({ files });

const problem = z.strictObject({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  path: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  expected: z.string().exactOptional(),
  nearest: z.string().exactOptional(),
  help: z.string().exactOptional(),
});

const ruleBinding = z.strictObject({
  workflow: z.string(),
  file: z.string(),
  line: z.int(),
  rule: z.string(),
  by: z.array(z.string()),
  state: z.enum(["enforced", "observed", "prose", "unbound"]),
  why: z.string(),
  stated: z
    .boolean()
    .meta({ description: "in words, under `rules`; else a word of the file that this version does not enforce" }),
});
/** Every rule of every workflow in force, with what enforces it. */
export const policyRules = z.strictObject({ rules: z.array(ruleBinding) });

export const policyChecked = z.strictObject({
  ok: z.boolean(),
  policies: z
    .int()
    .exactOptional()
    .meta({ description: "how many policies the files make; absent where they do not hold" }),
  problems: z.array(problem),
  unenforced: z
    .array(ruleBinding)
    .meta({ description: "rules that workflow files state in words, and that nothing enforces" }),
});

export const policyTestBody = z.strictObject({
  files,
  every: z
    .boolean()
    .default(false)
    .meta({ description: "also give faults to the policies that workflow files generate" }),
});

export const policySimulateBody = z.strictObject({
  files,
  sinceMs: z.int().min(1).max(34_560_000_000).default(2_592_000_000).meta({ description: "how far back, in ms" }),
  limit: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .meta({ description: "how many decisions at most, the newest first" }),
  workflow: name.exactOptional().meta({ description: "only what was decided in this workflow" }),
  action: idOf("act")
    .exactOptional()
    .meta({ description: "only what was decided about this action: would these files have stopped it?" }),
});

const effect = z.enum(["allow", "require", "deny"]);
const source = z.enum(["shipped", "workflow", "own"]);

export const policyTested = z.strictObject({
  cases: z.array(
    z.strictObject({
      file: z.string(),
      line: z.int(),
      name: z.string(),
      passed: z.boolean(),
      failures: z.array(z.string()),
      effect: effect.exactOptional(),
    }),
  ),
  coverage: z.array(
    z.strictObject({
      policy: z.string(),
      source,
      asked: z.int(),
      held: z.int(),
      conditions: z.array(z.strictObject({ text: z.string(), decisive: z.int() })),
      covered: z.boolean(),
    }),
  ),
  mutation: z.strictObject({
    mutants: z.int(),
    killed: z.int(),
    survivors: z.array(z.strictObject({ policy: z.string(), fault: z.string() })),
  }),
});

const change = z.enum(["allowed", "denied", "asked", "waiting", "asked otherwise"]);
const count = z.int();

/** What a draft would have decided otherwise. */
export const policySimulation = z.strictObject({
  since: time,
  actions: count,
  replayed: count,
  erased: count.meta({ description: "actions whose content was erased: what was asked is not known any more" }),
  limited: z.boolean(),
  counts: z.strictObject({ allowed: count, denied: count, asked: count, waiting: count, "asked otherwise": count }),
  by: z.array(z.strictObject({ workflow: z.string(), tool: z.string(), change, count })),
  changes: z.array(
    z.strictObject({
      change,
      action: z.string(),
      step: count,
      at: time,
      workflow: z.string(),
      agent: z.string(),
      tool: z.string(),
      was: effect,
      is: effect,
      policies: z.array(z.string()),
    }),
  ),
  reproduced: z.strictObject({
    same: count,
    otherSet: count,
    differing: z.array(z.strictObject({ action: z.string(), step: count, members: z.array(z.string()) })),
  }),
  untold: count.meta({
    description:
      "decisions that would rest on what nobody gathered and the store does not tell, such as where a limited value stood: neither changed nor unchanged",
  }),
  windows: z
    .strictObject({ names: z.array(z.string()), from: time })
    .exactOptional()
    .meta({
      description:
        "windows of these files that are not in force as they are: what they held was counted from the calls that were asked for since `from`",
    }),
  took: z.strictObject({ readMs: z.number(), reproduceMs: z.number(), evaluateMs: z.number() }),
});

/** One line of a simulation: how far it is, or what came of it, or why it broke off. */
export const policySimulationLine = z.union([
  z.strictObject({ progress: z.strictObject({ done: count, all: count }) }),
  z.strictObject({ report: policySimulation }),
  z.strictObject({ broken: z.string() }),
]);

const requirement = z.looseObject({ kind: z.string(), policy: z.string(), sentence: z.string() });

export const policyExplainBody = z.strictObject({
  request: z
    .string()
    .min(1)
    .max(262_144)
    .meta({ description: "a call as `request.schema.json` says, as YAML or JSON" }),
  files: files.exactOptional().meta({ description: "files that are not in force; else what is in force decides" }),
});

const vetoes = z
  .array(z.string())
  .meta({ description: "vetoes that are attached: each is asked about the call itself, and may deny it" });

export const policyExplained = z.strictObject({
  asked: jsonObject,
  decision: z.looseObject({
    effect,
    sentence: z.string(),
    determining: z.array(z.looseObject({ id: z.string(), effect: z.enum(["permit", "forbid"]), text: z.string() })),
    requirements: z.array(requirement),
    errors: z.array(z.string()),
  }),
  nearMiss: z.array(
    z.strictObject({
      policy: z.string(),
      title: z.string().exactOptional(),
      effect: z.enum(["permit", "forbid"]),
      condition: z.string().meta({ description: "the first condition that is not met, as Cedar" }),
      met: count.meta({ description: "how many conditions were met before it" }),
      error: z.string().exactOptional(),
    }),
  ),
  vetoes,
});

export const whoCanQuery = z.strictObject({
  tool: z.string().min(1).max(200).exactOptional().meta({ description: "`server.tool`; every tool where missing" }),
  agent: name.exactOptional(),
  environment: name.exactOptional(),
});

export const whoCan = z.strictObject({
  assumes: z.string().meta({ description: "what the answers take for granted, in words" }),
  answers: z.array(
    z.strictObject({
      agent: z.string(),
      workflow: z.string(),
      tier: count,
      tool: z.string(),
      verb: z.enum(["read", "propose", "execute"]),
      environment: z.string(),
      production: z.boolean(),
      answer: z.enum(["allow", "require", "deny", "depends"]),
      requirements: z.array(requirement),
      policies: z.array(z.string()),
      depends: z.array(z.string()),
      sentence: z.string(),
      vetoes,
      keyless: z.string().exactOptional().meta({
        description: "why such a call is refused now whatever the rules say: no live key is for the environment",
      }),
      observed: z.enum(["require", "deny"]).exactOptional(),
    }),
  ),
});

export const historyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "how many at most, 1 to 200" }),
});

export const policyHistory = z.strictObject({
  activations: z.array(
    z.strictObject({
      revision: count,
      digest: z.string(),
      at: time,
      by: z.string(),
      signedBy: z.string().nullable(),
      single: z.boolean(),
      receipt: z.string().nullable(),
      changed: z.array(z.string()).meta({ description: "files that are not as in the revision before" }),
      sameAs: count.exactOptional().meta({ description: "an earlier revision with the very same files" }),
    }),
  ),
});

const revision = z.int().min(1).exactOptional().meta({ description: "of `history`; else what was in force before" });
export const rollBackPlanBody = z.strictObject({ revision });
export const rollBackBody = z.strictObject({
  revision,
  expected: digest.exactOptional().meta({ description: "digest of the workspace that the plan was made against" }),
});
const outcome = { plan: jsonObject, problems: z.array(json), revision: count };
export const rollBackPlan = z.strictObject(outcome);
export const rolledBack = z.strictObject({
  ...outcome,
  receipt: z.string(),
  inForce: z.boolean(),
  proposal: idOf("gov").exactOptional(),
});
