import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../floor/secret.ts";

const longestAgeSeconds = 300;

interface Signed {
  readonly timestamp: string;
  readonly signature: string;
  /** The body as it came, to the byte. */
  readonly body: Uint8Array;
}

/** Whether Slack signed this with one of these signing secrets within the last five minutes (Slack's `v0` form). */
export function isFromSlack(signed: Signed, secrets: readonly Secret[], nowMs: number): boolean {
  if (!isFresh(signed, nowMs)) return false;
  const given = Buffer.from(signed.signature.slice(3), "hex");
  const fits = secrets.map((secret) => {
    const mac = createHmac("sha256", secret.reveal().trim()).update(`v0:${signed.timestamp}:`).update(signed.body);
    return timingSafeEqual(mac.digest(), given);
  });
  return fits.includes(true);
}

/** Whether it can be a signature of now at all: asked before any secret is had from the store. */
export function isFresh({ timestamp, signature }: Omit<Signed, "body">, nowMs: number): boolean {
  if (!/^[0-9]{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  // A signature that somebody kept is of no use later.
  return Math.abs(nowMs / 1000 - Number(timestamp)) <= longestAgeSeconds;
}
