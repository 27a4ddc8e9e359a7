import { z } from "zod";
import { durationSchema, emailSchema, nameSchema, shareSchema } from "../workflows/index.ts";

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

const shortest = { withinMs: 60_000, reviewMs: 3_600_000 };
const longest = { withinMs: 4 * 3_600_000, reviewMs: 7 * 86_400_000 };

const breakGlassSchema = z
  .strictObject({
    by: z
      .array(z.union([nameSchema, emailSchema]))
      .min(1)
      .max(20)
      .meta({ description: "who may: groups, people's e-mail addresses, `dri`" }),
    within: durationSchema
      .refine((ms) => ms >= shortest.withinMs && ms <= longest.withinMs, { error: "from `1m` to `4h`" })
      .prefault("15m")
      .meta({ description: "how long the one answer stands until the call is sent, such as `15m`; at most `4h`" }),
    reviewWithin: durationSchema
      .refine((ms) => ms >= shortest.reviewMs && ms <= longest.reviewMs, { error: "from `1h` to `7d`" })
      .prefault("1d")
      .meta({ description: "in how long somebody else has to review it, such as `1d`; at most `7d`" }),
  })
  .meta({
    description: "one person may answer alone, loudly: `by`, `within` and `reviewWithin`; without it nobody may",
  })
  .transform(({ by, within, reviewWithin }) => ({ by, withinMs: within, reviewMs: reviewWithin }));

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
    breakGlass: breakGlassSchema.exactOptional(),
  })
  .meta({
    description:
      "how people's answers are kept good: `perHour`, `overflow`, `skim`, `answerWithin`, `canaries` and `breakGlass`",
  })
  .transform(({ perHour, overflow, skim, answerWithin, canaries, breakGlass }) => ({
    overflow,
    canaries,
    ...(breakGlass === undefined ? {} : { breakGlass }),
    ...(perHour === undefined ? {} : { perHour }),
    ...(skim === undefined ? {} : { skimFloorMs: skim.floor }),
    ...(answerWithin === undefined ? {} : { answerWithin }),
  }));
