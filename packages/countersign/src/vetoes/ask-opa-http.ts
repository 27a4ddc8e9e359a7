import type { Json, JsonObject } from "@countersign/contract";
import { postJson } from "./post-json.ts";
import { line } from "./read-verdict.ts";
import type { Asked, Asking, VetoRule } from "./veto.ts";
import { withCredential } from "./with-credential.ts";

/** Asks a running OPA by its Data API. An answer without `result` means that the rule is undefined for this question. */
export async function askOpaHttp(asking: Asking & { readonly rule: VetoRule & { kind: "opa-http" } }): Promise<Asked> {
  const { rule, question, depth } = asking;
  const url = `${rule.url.replace(/\/$/, "")}/v1/data/${rule.path}?provenance=true`;
  return withCredential(asking, async (authorization) => {
    const posted = await postJson({
      url,
      body: { input: question },
      timeoutMs: rule.timeoutMs,
      depth,
      ...authorization,
    });
    if ("fault" in posted) return posted;
    const { bytes, json } = posted;
    if (typeof json !== "object" || json === null || Array.isArray(json))
      return { bytes, fault: "its answer is no object" };
    const answer = json as JsonObject;
    if (!Object.hasOwn(answer, "result") || answer.result === undefined)
      return { bytes, fault: "its rule is undefined for this question" };
    const revision = revisionOf(answer.provenance);
    const { decision_id: decisionId } = answer;
    return {
      bytes,
      result: answer.result,
      ...(revision === undefined ? {} : { revision }),
      ...(typeof decisionId === "string" ? { decisionId: line(decisionId, 100) } : {}),
    };
  });
}

/** The revisions of the bundles that answered, as provenance tells them. */
function revisionOf(provenance: Json | undefined): string | undefined {
  const bundles = memberOf(provenance, "bundles");
  if (bundles === undefined) return undefined;
  const revisions = Object.keys(bundles)
    .sort()
    .flatMap((name) => {
      const revision = memberOf(bundles, name)?.revision;
      return typeof revision === "string" && revision !== "" ? [revision] : [];
    });
  return revisions.length === 0 ? undefined : line(revisions.join(", "), 200);
}

function memberOf(value: Json | undefined, name: string): JsonObject | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const inner = (value as JsonObject)[name];
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : undefined;
}
