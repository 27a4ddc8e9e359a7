import { createHmac } from "node:crypto";
import type { Secret } from "../floor/secret.ts";

const form = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/**
 * Headers of the Standard Webhooks form (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, one signature for
 * each secret. Undefined where a secret is not `whsec_` and base64 of 24 to 64 bytes.
 */
export function signedHeaders(
  id: string,
  nowMs: number,
  body: string,
  secrets: readonly Secret[],
): Readonly<Record<string, string>> | undefined {
  const seconds = String(Math.floor(nowMs / 1000));
  const signatures: string[] = [];
  for (const secret of secrets) {
    const key = keyOf(secret);
    if (key === undefined) return undefined;
    signatures.push(`v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`);
  }
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures.join(" ") };
}

function keyOf(secret: Secret): Buffer | undefined {
  const [, text = ""] = form.exec(secret.reveal().trim()) ?? [];
  const key = Buffer.from(text, "base64");
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}
