import { z } from "zod";
import { time } from "./text.ts";

const base64 = z.string();
export const inclusionQuery = z.strictObject({
  index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  size: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
});
export const consistencyQuery = z.strictObject({
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  to: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});
export const inclusion = z.strictObject({ index: z.int(), size: z.int(), proof: z.array(base64) });
export const consistency = z.strictObject({ from: z.int(), to: z.int(), proof: z.array(base64) });
export const trust = z.strictObject({
  origin: z.string(),
  keys: z.array(z.strictObject({ vkey: z.string(), from: z.int(), until: z.int().exactOptional() })),
  lastCheckpoint: z.string().exactOptional(),
});

/** How far the log is, and who else has seen it. */
export const ledgerState = z.strictObject({
  origin: z.string(),
  /** Of the newest checkpoint; null before the first. */
  sealed: z.strictObject({ size: z.int(), at: time }).nullable(),
  behind: z.int().meta({ description: "entries that are written and in no checkpoint yet" }),
  alarm: z.string().nullable().meta({ description: "why the log has stopped" }),
  /** Places outside of the database, as far as the replica that answers has told them. */
  anchors: z.array(
    z.strictObject({
      name: z.string(),
      size: z.int().nullable().meta({ description: "of the newest checkpoint that it is known to hold" }),
      fault: z.string().nullable(),
    }),
  ),
  timestamps: z.array(z.strictObject({ authority: z.string(), size: z.int(), at: time })),
});

/** The new signing key, and the receipt of the deed: the old key signs it, so that who pinned the old one can follow. */
export const rotated = z.strictObject({ vkey: z.string(), receipt: z.string() });
