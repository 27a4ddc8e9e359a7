import { z } from "zod";
import { idOf, jsonObject, name, runId, time, toolName } from "./text.ts";

const policyRef = { policy: z.string(), policyDigest: z.string() };

export const requirement = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("approval"),
    ...policyRef,
    from: z.string(),
    count: z.int(),
    raised: z.literal(true).exactOptional(),
    exclude: z.array(z.enum(["requester", "owner"])),
    openMs: z.number(),
    validMs: z.number(),
    /** Where a grant may answer it; `production`: also for an agent of tier 3 in production. */
    grants: z.enum(["yes", "production"]).exactOptional(),
    passkey: z.literal(true).exactOptional().meta({ description: "only an approval that a passkey signed counts" }),
    glass: z.literal("never").exactOptional().meta({ description: "nobody breaks the glass over this" }),
    sentence: z.string(),
  }),
  z.strictObject({
    kind: z.literal("check"),
    ...policyRef,
    name: z.string(),
    maxAgeMs: z.number(),
    sentence: z.string(),
  }),
  z.strictObject({ kind: z.literal("wait"), ...policyRef, until: time, sentence: z.string() }),
  z.strictObject({ kind: z.enum(["dry_run", "step_up", "grant", "veto"]), ...policyRef, sentence: z.string() }),
]);

export const checkFact = z.looseObject({
  name: z.string(),
  version: z.string(),
  verdict: z.enum(["pass", "fail", "error"]),
  at: time,
  evidence: z.array(z.looseObject({ pointer: z.string(), rule: z.string(), expected: z.string().exactOptional() })),
  microseconds: z.number(),
  argsDigest: z.string(),
});

export const askBody = z.strictObject({
  server: name,
  tool: toolName,
  arguments: jsonObject,
  run: runId.exactOptional(),
});

/** What would be decided now. Nothing was done, and nothing is promised: the facts may be others at the time of a call. */
export const advice = z.strictObject({
  id: idOf("dec"),
  advisory: z.literal(true),
  effect: z.enum(["allow", "require", "deny"]),
  observed: z.enum(["require", "deny"]).exactOptional(),
  sentence: z.string(),
  requirements: z.array(requirement),
  checks: z.array(checkFact),
  policySet: z.strictObject({ revision: z.number(), digest: z.string() }),
  receipt: z.string(),
});
