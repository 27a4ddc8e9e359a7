import { z } from "zod";
import { durationSchema, shareSchema } from "../workflows/index.ts";

const skimSchema = z
  .strictObject({
    floor: durationSchema.meta({ description: "the shortest look at a high risk that counts as one, such as `10s`" }),
  })
  .meta({ description: "`floor`: a high risk that is approved after a shorter look asks one more person" });

const canariesSchema = z
  .strictObject({
    share: shareSchema.prefault("1%").meta({
      description: "how many known-bad requests come on what a person answers, such as `1%`; `0%` for none",
    }),
    within: durationSchema.prefault("10m").meta({ description: "how long after an answer one may come" }),
  })
  .meta({ description: "seeded requests that are never run: `share` and `within`" })
  .transform(({ share, within }) => ({ share, withinMs: within }));

/** How people's answers are kept good. */
export const approvalsSchema = z
  .strictObject({
    perHour: z
      .int()
      .min(1)
      .max(10_000)
      .exactOptional()
      .meta({ description: "how many approvals one person may give within an hour: a whole number" }),
    overflow: z
      .enum(["wait", "refuse"])
      .default("wait")
      .meta({ description: "`wait`, or `refuse` where more wait than may be answered within an hour" }),
    skim: skimSchema.exactOptional(),
    canaries: canariesSchema.prefault({}),
  })
  .meta({ description: "how people's answers are kept good: `perHour`, `overflow`, `skim` and `canaries`" })
  .transform(({ perHour, overflow, skim, canaries }) => ({
    overflow,
    canaries,
    ...(perHour === undefined ? {} : { perHour }),
    ...(skim === undefined ? {} : { skimFloorMs: skim.floor }),
  }));
