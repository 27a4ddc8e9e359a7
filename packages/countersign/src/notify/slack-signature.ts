import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../floor/secret.ts";

const longestAgeSeconds = 300;

export interface Signed {
  readonly timestamp: string;
  readonly signature: string;
  /** The body as it came, to the byte. */
  readonly body: Uint8Array;
}

/** Whether Slack signed this with one of its signing secrets within the last five minutes (Slack's `v0` form). */
export function isFromSlack(
  { timestamp, signature, body }: Signed,
  secrets: readonly Secret[],
  nowMs: number,
): boolean {
  if (!/^[0-9]{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  // A signature that somebody kept is of no use later.
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > longestAgeSeconds) return false;
  const given = Buffer.from(signature.slice(3), "hex");
  const fits = secrets.map((secret) => {
    const made = createHmac("sha256", secret.reveal().trim()).update(`v0:${timestamp}:`).update(body).digest();
    return timingSafeEqual(made, given);
  });
  return fits.includes(true);
}
