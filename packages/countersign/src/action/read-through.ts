import type { JsonObject } from "@countersign/contract";
import type { PlannedCall } from "../catalog/index.ts";
import type { Call } from "./call.ts";
import type { Parts } from "./parts.ts";

export type Read =
  | { readonly result: JsonObject }
  | {
      readonly reason: string;
      readonly unreached?: true;
      /** What the tool answered, where it answered with an error of its own. */
      readonly error?: JsonObject;
    };

/** One read of the gate's own at the action's server: a capture or a reconciler's look. */
export async function readThrough(
  parts: Parts,
  call: Pick<Call, "id" | "caller" | "submission">,
  wanted: PlannedCall,
): Promise<Read> {
  const server = call.submission.server;
  const tool = parts.plane.current().tool(server, wanted.tool);
  if (tool === undefined || !tool.reviewed) return { reason: `\`${server}.${wanted.tool}\` is not a reviewed tool` };
  if (tool.classify(wanted.args).verb !== "read") return { reason: `\`${server}.${wanted.tool}\` is not a read` };
  const answer = await parts.connector.call({
    actionId: call.id,
    server,
    method: "tools/call",
    params: { name: wanted.tool, arguments: wanted.args },
    deadlineMs: Math.min(parts.plane.current().timeoutMs(server), 15_000),
    signal: new AbortController().signal,
    workflow: call.caller.workflow,
    ...(call.caller.onBehalfOf === undefined ? {} : { onBehalfOf: call.caller.onBehalfOf }),
  });
  if (answer.kind !== "answered")
    return { reason: answer.kind === "error" ? answer.error.message : answer.reason, unreached: true };
  if (answer.result.isError === true) return { reason: "the read answered with an error", error: answer.result };
  return { result: answer.result };
}
