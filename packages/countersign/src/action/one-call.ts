import { canonical, type Json } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Submission } from "./submission.ts";

/**
 * INVARIANT: what is decided on is what is sent. A tool is called by `tools/call` under its own name with the arguments
 * that are judged; `mcp:` names stand for the other methods and for no tool, whatever a server lists.
 */
export function requireOneCall({ args, method, params, tool }: Submission): void {
  if (holdsProto(params))
    throw new Problem("invalid", "the call holds the name `__proto__`, which is no name here", {
      help: "leave that member out",
    });
  if (method !== "tools/call") {
    if (tool !== `mcp:${method}`) throw mixed();
    for (const [member, value] of Object.entries(args)) {
      const sent = Object.hasOwn(params, member) ? params[member] : undefined;
      if (sent !== value && (sent === undefined || canonical(sent) !== canonical(value))) throw mixed();
    }
    return;
  }
  if (tool.startsWith("mcp:") || params.name !== tool) throw mixed();
  const sent = params.arguments ?? {};
  if (sent !== args && canonical(sent) !== canonical(args)) throw mixed();
}

/** A server may be written so that this name changes every object it has, and no rule here looks under it. */
function holdsProto(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(holdsProto);
}

function mixed(): Problem {
  return new Problem("invalid", "the call names one thing and would send another");
}
