import { z } from "zod";
import { credentialNameSchema, outsideAddressSchema } from "./outside-address.ts";

/** Where decisions are sent in the format of OPA's decision logs. */
export const decisionLogSchema = z
  .strictObject({
    url: outsideAddressSchema,
    credential: credentialNameSchema.exactOptional(),
    input: z
      .enum(["digest", "masked", "full"])
      .default("digest")
      .meta({ description: "`digest`, `masked` without arguments, or `full`" }),
    labels: z
      .record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), z.string().max(200))
      .default({})
      .meta({ description: "a map from a label's name to its text" }),
    maxQueued: z
      .int()
      .min(10)
      .max(100_000)
      .default(10_000)
      .meta({ description: "a number from 10 to 100000: how many decisions may wait to be sent" }),
  })
  .meta({ description: "a collector of decision logs in OPA's format: `url`, and what of the input is sent" });
