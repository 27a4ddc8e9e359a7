import type { IncomingMessage, ServerResponse } from "node:http";
import type { RpcMessage } from "../../execution/mcp/index.ts";
import { Problem } from "../../floor/problem.ts";
import type { Caller } from "../../identity/caller.ts";
import type { Stay } from "./admissions.ts";
import type { Outcome, Outlet } from "./outlet.ts";
import { asRejection, Rejection, refused } from "./rejection.ts";
import type { SessionDesk } from "./session-desk.ts";
import type { McpSetting, Scope } from "./setting.ts";

/** One arrival: who came to which address, not yet what they want. */
export interface Visit {
  readonly setting: McpSetting;
  readonly desk: SessionDesk;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly stay: Stay;
  readonly scope: Scope;
}

/** Runs one request and lets its answer go, whatever was thrown. */
export async function answer(
  visit: Visit,
  message: RpcMessage & { kind: "request" },
  outlet: Outlet,
  work: () => Promise<Outcome>,
): Promise<void> {
  try {
    outlet.finish(message.id, await work());
  } catch (thrown) {
    const rejection = asRejection(thrown);
    if (!(thrown instanceof Rejection) && !(thrown instanceof Problem))
      visit.setting.log.error({ err: thrown, method: message.method }, "a request failed");
    else
      visit.setting.log.info(
        { agent: visit.caller.agent, method: message.method.slice(0, 100), ...refused(rejection) },
        "a request was refused",
      );
    outlet.finish(message.id, { error: rejection.error, status: rejection.status });
  }
}

/** What every request carries, from the visit that brought it. */
export function base<M extends (RpcMessage & { kind: "request" }) | undefined>(
  visit: Visit,
  message: M,
  outlet: M extends undefined ? undefined : Outlet,
) {
  const { setting, scope, caller, request } = visit;
  const key = request.headers["idempotency-key"];
  const keyed = typeof key === "string" && key.length > 0 && key.length <= 255 ? { idempotencyKey: key } : {};
  const run = request.headers["countersign-run"];
  const within = typeof run === "string" ? { run } : {};
  const asked = { id: message?.id ?? 0, method: message?.method ?? "", params: message?.params ?? {} };
  return { setting, scope, caller, ...asked, ...keyed, ...within, outlet };
}
