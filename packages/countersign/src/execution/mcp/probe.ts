import type { Answer } from "../connector.ts";
import type { LinkContext, ServerSelf } from "./link.ts";
import { modernAsk } from "./modern-http.ts";
import type { HttpTarget } from "./target.ts";
import { metaKeys, modernVersion, objectAt } from "./wire.ts";

/** Whether an upstream speaks the newer revision, and when that was found out: servers are upgraded. */
export interface Verdict {
  readonly modern: boolean;
  readonly atMs: number;
  readonly self?: ServerSelf;
}

export const verdictTtlMs = 86_400_000;
const probeMs = 10_000;

/** Asks the address what it is. An address that cannot be reached gives no verdict, but the answer that says so. */
export async function probe(target: HttpTarget, context: LinkContext, nowMs: number): Promise<Verdict | Answer> {
  const answer = await modernAsk(
    target,
    "probe",
    { method: "server/discover", params: {}, deadlineMs: probeMs },
    context,
  );
  if (answer.kind === "answered") {
    const versions = answer.result.supportedVersions;
    if (!Array.isArray(versions) || !versions.includes(modernVersion)) return { modern: false, atMs: nowMs };
    const instructions = answer.result.instructions;
    const self = {
      capabilities: objectAt(answer.result, "capabilities"),
      info: objectAt(objectAt(answer.result, "_meta"), metaKeys.server),
      ...(typeof instructions === "string" ? { instructions } : {}),
    };
    return { modern: true, atMs: nowMs, self };
  }
  if (answer.kind === "error") return { modern: false, atMs: nowMs };
  // An older server refuses a request without a session in many ways; all of them are HTTP answers. One that refuses
  // the credential has said nothing about its revision.
  const isOlder = answer.kind === "never_sent" && /HTTP 4(?!0[13])/.test(answer.reason);
  return isOlder ? { modern: false, atMs: nowMs } : answer;
}
