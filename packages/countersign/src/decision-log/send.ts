import { gzipSync } from "node:zlib";
import type { JsonObject } from "@countersign/contract";

/** `refused`: sending the same again would not help. */
export type Sent = { readonly kind: "taken" } | { readonly kind: "later" | "refused"; readonly why: string };

const timeoutMs = 10_000;

/** Sends a batch as OPA does: a JSON array, compressed. Follows no redirect; says nothing of what was sent or answered. */
export async function send(url: string, events: readonly JsonObject[], authorization?: string): Promise<Sent> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: deadline,
      headers: {
        "content-type": "application/json",
        "content-encoding": "gzip",
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: new Uint8Array(gzipSync(JSON.stringify(events))),
    });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: "taken" };
    const why = `the collector answered with status ${status}`;
    return { kind: [400, 405, 413, 415, 422].includes(status) ? "refused" : "later", why };
  } catch {
    return {
      kind: "later",
      why: deadline.aborted ? "the collector does not answer" : "the collector cannot be reached",
    };
  }
}
