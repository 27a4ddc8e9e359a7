import { z } from "zod";

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

/** The new signing key, and the receipt of the deed: the old key signs it, so that who pinned the old one can follow. */
export const rotated = z.strictObject({ vkey: z.string(), receipt: z.string() });
