import { z } from "zod";
import { idOf, time } from "./text.ts";

export const noticeState = z.enum(["waiting", "sent", "over", "dead"]);

export const noticeQuery = z.strictObject({
  state: noticeState.exactOptional().meta({
    description: "`waiting`, `sent`, `over` where what it asked had ended first, or `dead` where it was given up",
  }),
  subject: z
    .string()
    .max(60)
    .exactOptional()
    .meta({ description: "the action, stop, alert or test page that it is about" }),
  cursor: idOf("ntc").exactOptional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "how many at most, 1 to 200" }),
});

export const notice = z.strictObject({
  id: idOf("ntc").meta({ description: "the same each time it is sent: `webhook-id` of a webhook" }),
  type: z.string(),
  subject: z.string(),
  workflow: z.string().nullable(),
  channel: z.string().meta({ description: "the name of the channel in `countersign.yaml`" }),
  person: z.string().nullable().meta({ description: "to whom, where the channel reaches people one by one" }),
  state: noticeState,
  tries: z.int(),
  fault: z.string().nullable().meta({ description: "why it was not delivered the last time" }),
  headline: z.string().nullable().meta({ description: "null once it was erased" }),
  madeAt: time,
  dueAt: time.nullable().meta({ description: "when it is tried next" }),
  endedAt: time.nullable(),
});

export const noticePage = z.strictObject({
  notices: z.array(notice),
  next: z.string().exactOptional().meta({ description: "cursor of the next page; absent on the last" }),
});
export const noticePath = z.strictObject({ id: idOf("ntc") });

export const testPageBody = z.strictObject({
  all: z.boolean().default(false).meta({ description: "every step of the escalation, not the first alone" }),
});

const place = { notice: idOf("ntc"), channel: z.string(), person: z.string().nullable() };

/** What became of each page, by channel and person. */
export const testPaged = z.strictObject({
  isTest: z.literal(true),
  receipt: z.string(),
  steps: z.array(
    z.strictObject({ to: z.string(), afterMs: z.int(), mayAnswer: z.boolean(), people: z.array(z.string()) }),
  ),
  delivered: z.array(z.strictObject(place)),
  failed: z.array(z.strictObject({ ...place, why: z.string(), triesAgain: z.boolean() })),
  unreached: z.array(z.string()).meta({ description: "people of these steps whom nothing reached" }),
});
