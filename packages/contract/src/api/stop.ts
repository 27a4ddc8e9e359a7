import { z } from "zod";
import { actionId, idOf, reason, time } from "./text.ts";

export const stopScope = z.enum(["agent", "workflow", "tool", "system", "everything"]);

export const stopBody = z.strictObject({
  scope: stopScope,
  name: z.string().min(1).max(300).exactOptional().meta({ description: "what is stopped; left out for everything" }),
  reason,
  forMs: z
    .int()
    .min(1000)
    .max(31_536_000_000)
    .exactOptional()
    .meta({ description: "how long; until lifted if absent" }),
  voids: z.boolean().exactOptional().meta({ description: "refuse what is held instead of freezing it" }),
});

const stop = {
  id: idOf("stp"),
  scope: stopScope,
  name: z.string(),
  reason: z.string(),
  by: z.string(),
  /** Who made the link that this login began with: they count as one person. */
  vouchedBy: z.array(z.string()),
  takenAt: time,
  untilMs: z.number().nullable(),
};

/** A process of an upstream server and the secrets that it was given. */
export const lentProcess = z.strictObject({
  server: z.string(),
  workflow: z.string().nullable().meta({ description: "null: the server's own, which asks what is listed" }),
  secrets: z.array(z.string()).meta({ description: "names, never values" }),
});

export const stopReport = z.strictObject({
  stop: z.strictObject(stop),
  receipt: z.string(),
  frozen: z.array(actionId),
  voided: z.array(actionId),
  inFlight: z.array(z.strictObject({ action: actionId, tool: z.string(), agent: z.string() })),
  inFlightIsWhole: z
    .boolean()
    .meta({ description: "false where only what this replica had on its way could be listed in time" }),
  processes: z
    .array(lentProcess)
    .meta({ description: "of upstream servers, on this replica: what they were given is taken back, and they end" }),
  tookMs: z.number(),
});

export const stopList = z.strictObject({
  stops: z.array(z.strictObject({ ...stop, liftedAt: time.nullable(), liftedBy: z.array(z.string()) })),
});

export const lifted = z.strictObject({ receipt: z.string(), thawed: z.array(actionId) });
