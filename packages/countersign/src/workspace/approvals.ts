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

const mostOverMs = 90 * 86_400_000;

const answerWithinSchema = z
  .strictObject({
    target: durationSchema.meta({ description: "within what time people answer, such as `30m`" }),
    share: shareSchema.prefault("90%").meta({
      description: "how many of all questions are answered within it, above 0 %, such as `90%`",
    }),
    over: durationSchema.prefault("7d").meta({ description: "over how long that is counted, at most `90d`" }),
  })
  .refine(({ share }) => share > 0, { error: "above `0%`", path: ["share"] })
  .refine(({ over }) => over <= mostOverMs, { error: "at most `90d`", path: ["over"] })
  .refine(({ target, over }) => target <= over, { error: "no longer than `over`", path: ["target"] })
  .meta({ description: "how fast people mean to answer; missed, it is an alert: `target`, `share` and `over`" })
  .transform(({ target, share, over }) => ({ targetMs: target, share, overMs: over }));

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
    answerWithin: answerWithinSchema.exactOptional(),
    canaries: canariesSchema.prefault({}),
  })
  .meta({
    description: "how people's answers are kept good: `perHour`, `overflow`, `skim`, `answerWithin` and `canaries`",
  })
  .transform(({ perHour, overflow, skim, answerWithin, canaries }) => ({
    overflow,
    canaries,
    ...(perHour === undefined ? {} : { perHour }),
    ...(skim === undefined ? {} : { skimFloorMs: skim.floor }),
    ...(answerWithin === undefined ? {} : { answerWithin }),
  }));
