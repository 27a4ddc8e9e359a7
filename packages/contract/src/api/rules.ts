import { z } from "zod";
import { name } from "./text.ts";

const days = z.coerce.number().int().min(1).max(365);

export const findingsQuery = z.strictObject({ unused: days.optional() });

/** Rules that say nothing new. */
export const findings = z.strictObject({
  days: z.int(),
  looked: z.int(),
  isWhole: z.boolean(),
  findings: z.array(
    z.strictObject({
      kind: z.enum(["shadowed", "overlap", "unused"]),
      policy: z.string(),
      file: z.string(),
      by: z.string().optional(),
      sentence: z.string(),
    }),
  ),
});

export const workflowParams = z.strictObject({ name });
export const grantsQuery = z.strictObject({ days: days.default(30) });

/** What a workflow used of what it was granted, and a narrower file with the proof that it would have been enough. */
export const minimalGrants = z.strictObject({
  workflow: z.string(),
  days: z.int(),
  looked: z.int(),
  isWhole: z.boolean(),
  used: z.array(z.strictObject({ tool: z.string(), calls: z.int() })),
  unused: z.array(z.string()),
  file: z.string(),
  text: z.string(),
  difference: z.array(z.string()),
  replay: z.strictObject({
    work: z.int(),
    same: z.int(),
    broken: z.array(z.strictObject({ action: z.string(), now: z.string(), narrowed: z.string() })),
  }),
});
