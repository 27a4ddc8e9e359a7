import type { Decision, JsonObject } from "@countersign/contract";
import { type Advice, askWithDecision } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { type Caller, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

export interface About {
  readonly agent: string;
  /** `server.tool`. */
  readonly tool: string;
  readonly args: JsonObject;
  readonly run?: string;
  /** How many decision points have passed this question on. */
  readonly depth: number;
}

export type AskedAbout =
  | { readonly known: true; readonly advice: Advice; readonly decision: Decision; readonly at: string }
  | { readonly known: false; readonly reason: "unknown_subject" | "unknown_resource"; readonly sentence: string };

/**
 * What would be decided of an agent's call: nothing is done, and the receipt is advisory. An agent asks about itself; a
 * person about the agents that they answer for, or about all with a role that sees everything anyway.
 */
export async function askAbout(control: Control, who: Caller | PersonCaller, about: About): Promise<AskedAbout> {
  const caller = callerOf(control, who, about.agent);
  if (caller === undefined)
    return { known: false, reason: "unknown_subject", sentence: "there is no such agent here, or it may not act" };
  const dot = about.tool.indexOf(".");
  const [server, tool] = [about.tool.slice(0, Math.max(dot, 0)), about.tool.slice(dot + 1)];
  if (dot < 1 || control.parts.plane.current().tool(server, tool) === undefined)
    return {
      known: false,
      reason: "unknown_resource",
      sentence: "there is no such tool here; name it as `server.tool`",
    };
  const { args, depth, run } = about;
  const submission = {
    server,
    tool,
    method: "tools/call",
    params: { name: tool, arguments: args },
    args,
    door: "http",
  } as const;
  const asked = await askWithDecision(
    control.parts,
    caller,
    { ...submission, ...(run === undefined ? {} : { run }) },
    { depth, ...(who.kind === "person" ? { person: who.email } : {}) },
  );
  return { known: true, ...asked };
}

function callerOf(control: Control, who: Caller | PersonCaller, agent: string): Caller | undefined {
  if (who.kind === "agent") {
    // Whether another agent exists is no business of this one.
    if (who.agent !== agent)
      throw new Problem("forbidden", "an agent asks about itself only", {
        help: "ask with the key of that agent, or as a person who may ask about it",
      });
    return who;
  }
  requireMay(who, "ask-decision", contextOf(control, { agent }));
  const known = control.keeper.loaded().directory.agents.get(agent);
  const now = known === undefined ? undefined : control.parts.plane.current().caller(agent, known.workflow);
  if (known === undefined || now === undefined) return undefined;
  return { kind: "agent", agent, workflow: known.workflow, credential: who.credential, ...now };
}
