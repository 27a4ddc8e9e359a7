import { z } from "zod";
import { actionView } from "./action.ts";
import { answerBody, answered } from "./approval.ts";
import { assertion } from "./passkey.ts";
import { missing } from "./shown.ts";
import { actionId, idOf, reason, time } from "./text.ts";

export const glassId = idOf("gls");

export const breakGlassBody = z.strictObject({
  callDigest: answerBody.shape.callDigest,
  shownDigest: answerBody.shape.shownDigest,
  reason: reason.meta({ description: "why those who were asked could not be waited for" }),
  dwellMs: answerBody.shape.dwellMs,
  opened: answerBody.shape.opened,
  assertion: assertion.exactOptional().meta({
    description:
      "a passkey's signature, where a requirement asks for one; its challenge is `breakGlass.passkey.challenge` of the approval",
  }),
});

/** The action as it is now, and the id of what is to be reviewed; none where the request was seeded. */
export const brokeGlass = actionView.extend({
  glass: glassId.exactOptional().meta({ description: "what somebody else has to review" }),
  canary: answered.shape.canary,
});

/** One person's answer that stood alone, until somebody else has reviewed it. */
export const glass = z.strictObject({
  id: glassId,
  state: z.enum(["open", "overdue", "reviewed"]),
  action: actionId,
  by: z.string(),
  as: z.string(),
  at: time,
  /** Why; absent where the reader may not see it, or where it was erased. */
  reason: z.string().exactOptional(),
  /** It stood for nothing that was sent later. */
  until: time,
  reviewBy: time,
  workflow: z.string(),
  agent: z.string(),
  tool: z.string(),
  missing,
  reviewedAt: time.exactOptional(),
  reviewedBy: z.string().exactOptional(),
  /** What the reviewer found. */
  found: z.string().exactOptional(),
  /** The entry of the review. */
  review: z.string().exactOptional(),
  /** The asking person may review it. */
  yours: z.boolean(),
  receipt: z.string(),
});

/** What nobody has reviewed yet, what is due first; then what was reviewed within thirty days. */
export const glasses = z.strictObject({ glass: z.array(glass) });
export const reviewGlassBody = z.strictObject({
  found: reason.meta({ description: "what whoever looked at it found, in words" }),
});
