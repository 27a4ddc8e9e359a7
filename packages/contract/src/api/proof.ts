import { z } from "zod";
import { files } from "./plane.ts";
import { jsonObject } from "./text.ts";

export const proveBody = z.strictObject({
  files,
  invariant: z.string().min(1).max(64).exactOptional().meta({ description: "this one alone" }),
});

const solver = z.string().nullable().meta({ description: "which solver was needed; null where none was" });
const request = jsonObject.meta({ description: "a whole input document that was replayed through the evaluator" });

/** What is known of each invariant; `holds` where all are proved. */
export const proofs = z.strictObject({
  holds: z.boolean(),
  unproven: z.array(z.strictObject({ tool: z.string(), why: z.string().nullable() })).meta({
    description: "tools that stay out of force now: the rules in force are not proven with them (null: not yet)",
  }),
  invariants: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      source: z.enum(["shipped", "own"]),
      never: z.enum(["allow", "require"]),
      when: z.string(),
      answer: z.enum(["proved", "counter-example", "not decided"]),
      environments: z.int().meta({ description: "pairs of a tool and a verb" }),
      solver,
      milliseconds: z.int(),
      /** Why it is not decided, and for which tool. */
      why: z.string().exactOptional(),
      sentence: z.string().exactOptional().meta({ description: "the request of the counter-example, in words" }),
      decision: z
        .strictObject({ effect: z.string(), sentence: z.string(), determining: z.array(z.string()) })
        .exactOptional(),
      request: request.exactOptional(),
    }),
  ),
});

export const diffBody = z.strictObject({
  files,
  against: files.exactOptional().meta({ description: "files to compare with; what is in force where missing" }),
});

const decided = z.strictObject({ effect: z.string(), sentence: z.string(), determining: z.array(z.string()) });
const kinds = ["allowed", "denied", "asks a person", "asked otherwise"] as const;

/** What a change of policies newly allows, denies, asks people for and asks otherwise: a request for each, or proven to be none. */
export const policyDiff = z.strictObject({
  from: z.string(),
  to: z.string(),
  same: z.int().meta({ description: "pairs of a tool and a verb with the same rules in both" }),
  compared: z.int(),
  proven: z.record(z.enum(kinds), z.int()).meta({ description: "of those compared, in how many nothing is newly so" }),
  findings: z.array(
    z.strictObject({
      tool: z.string(),
      verb: z.string(),
      newly: z.enum(kinds),
      answer: z.enum(["request", "not decided"]),
      why: z.string().exactOptional(),
      sentence: z.string().exactOptional(),
      before: decided.exactOptional(),
      after: decided.exactOptional(),
      request: request.exactOptional(),
    }),
  ),
  solver,
  milliseconds: z.int(),
});
