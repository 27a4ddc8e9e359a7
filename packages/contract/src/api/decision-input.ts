import { z } from "zod";
import type { DecisionInput, Facts } from "../decision.ts";

/** The decision document as an external decision point gets it: without what other vetoes said. */
type DecisionDocument = Omit<DecisionInput, "facts"> & { readonly facts: Omit<Facts, "vetoes"> };

const text = z.string();
const texts = z.array(z.string());
const time = z.string().meta({ description: "an instant in UTC" });
const digest = z.string().meta({ description: "`sha256:` and 64 hex digits" });

const principal = z.strictObject({
  agent: text,
  tier: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  workflow: text,
  dri: text,
  owner: text,
  onBehalfOf: text.exactOptional(),
  vouchedBy: texts.exactOptional(),
  groups: texts,
});

const approval = z.strictObject({
  policy: text,
  policyDigest: digest,
  person: text,
  vouchedBy: texts.exactOptional(),
  groups: texts,
  at: time,
  callDigest: digest,
  skimmed: z.literal(true).exactOptional(),
  grant: z.strictObject({ id: text, until: time }).exactOptional(),
  passkey: z.literal(true).exactOptional(),
  glass: z.strictObject({ until: time }).exactOptional(),
});

const check = z.strictObject({
  name: text,
  version: text,
  verdict: z.enum(["pass", "fail", "error"]),
  at: time,
  score: z.number().exactOptional(),
  threshold: z.number().exactOptional(),
  evidence: z.array(z.strictObject({ pointer: text, rule: text, expected: text.exactOptional() })),
  microseconds: z.number(),
  argsDigest: digest,
});

const reach = z.strictObject({
  objects: z.int().exactOptional(),
  customers: z.int().exactOptional(),
  nodes: z.int().exactOptional(),
  rows: z.int().exactOptional(),
  money: z.strictObject({ minor: z.int(), currency: text }).exactOptional(),
});

const origin = z.enum(["task", "endorsed", "approved", "trusted", "untrusted", "none"]);

const flow = z.strictObject({
  effect: z.enum(["read", "reversible", "irreversible", "egress"]),
  brings: z.enum(["public", "internal", "personal", "secret"]),
  tainted: z.boolean().exactOptional(),
  sources: z.array(z.strictObject({ tool: text, action: text.exactOptional() })).exactOptional(),
  read: z.array(z.enum(["public", "internal", "personal", "secret"])).exactOptional(),
  beyond: z.array(z.enum(["public", "internal", "personal", "secret"])).exactOptional(),
  origins: z.array(origin).exactOptional(),
  destinations: z.record(z.string(), origin).exactOptional(),
});

/** Of this shape the JSON Schema is made that `opa check -s` reads. */
export const decisionDocument = z
  .strictObject({
    v: z.literal(1),
    decisionId: text,
    at: time,
    stage: z.enum(["list", "call", "resume", "release"]),
    principal,
    action: z.strictObject({
      tool: text.meta({ description: "`server.tool`" }),
      verb: z.enum(["read", "propose", "execute"]),
      definitionDigest: digest,
      reviewed: z.boolean(),
    }),
    resource: z.strictObject({
      system: text,
      environment: z.strictObject({ name: text, production: z.boolean() }),
      target: text,
      owner: text.exactOptional(),
      labels: texts,
    }),
    args: z.record(z.string(), z.any()).meta({ description: "the arguments, typed; secrets are references" }),
    argsDigest: digest,
    callDigest: digest,
    facts: z.strictObject({
      cured: texts,
      approvals: z.array(approval),
      checks: z.array(check),
      signals: texts,
      stopped: z.boolean(),
      reversal: z.enum(["plan", "irreversible", "none"]),
      counts: z.record(z.string(), z.number()),
      sums: z.record(z.string(), z.number()).exactOptional(),
      formerly: texts.exactOptional(),
      previous: texts.exactOptional(),
      steps: z.record(z.string(), z.number()).exactOptional(),
      reach: reach.exactOptional(),
      flow: flow.exactOptional(),
    }),
    run: z.strictObject({
      id: text,
      step: z.int(),
      tainted: z.boolean(),
      task: text.exactOptional(),
      parent: text.exactOptional(),
      planned: z.boolean().exactOptional(),
    }),
  })
  .meta({ title: "Countersign decision document, v1" }) satisfies z.ZodType<DecisionDocument>;
