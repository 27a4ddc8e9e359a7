import { z } from "zod";
import { idOf, reason, time } from "./text.ts";

const subject = z
  .string()
  .regex(/^(?:(?:act|dec)_[0-9a-hjkmnp-tv-z]{26}|run_(?:[0-9a-hjkmnp-tv-z]{26}|auto_[0-9a-f]{22}))$/)
  .meta({ description: "an action, an advisory decision, or a run with all that is in it" });

export const erasureBody = z.strictObject({ subjects: z.array(subject).min(1).max(500), reason });

export const erasureMade = z.strictObject({
  id: z.string(),
  /** False: a second person has to sign. */
  erased: z.boolean(),
  subjects: z.array(z.string()),
  /** Actions that hold some of that content and are not among them: an undo, or what was undone. */
  linked: z.array(z.string()),
  receipt: z.string(),
});

export const erasureProposals = z.strictObject({
  proposed: z.array(
    z.strictObject({ id: z.string(), by: z.string(), subjects: z.array(z.string()), reason: z.string(), at: time }),
  ),
});

const preservationScope = z.enum(["action", "run", "workflow", "agent"]);

export const preservationBody = z.strictObject({
  scope: preservationScope,
  name: z.string().min(1).max(300),
  reason,
  until: z.iso.date().exactOptional().meta({ description: "its last day, UTC; until it is ended if absent" }),
});

export const preservationMade = z.strictObject({ id: idOf("gov"), receipt: z.string() });

export const preservations = z.strictObject({
  preservations: z.array(
    z.strictObject({
      id: z.string(),
      scope: preservationScope,
      name: z.string(),
      reason: z.string(),
      by: z.string(),
      takenAt: time,
      until: time.nullable(),
      endedAt: time.nullable(),
      endedBy: z.string().nullable(),
    }),
  ),
});
