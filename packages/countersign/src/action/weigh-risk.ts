import type { ReversalPlan, Risk } from "@countersign/contract";
import { riskOf } from "../approvals/index.ts";
import { isTargetKnown } from "../approvals/queue-sql.ts";
import { stoppedBefore } from "../stop/sql.ts";
import type { Call } from "./call.ts";
import type { Considered } from "./consider.ts";
import type { Parts } from "./parts.ts";

/** A stop counts for this long after it ended. */
const afterStopMs = 86_400_000;

/** How much depends on people's answer to a call, and the keyed digest by which its target is known again. */
export async function weighRisk(
  parts: Parts,
  call: Call,
  { input }: Pick<Considered, "input">,
  plan: ReversalPlan,
): Promise<{ readonly risk: Risk; readonly target: string }> {
  const { caller, tool, classified } = call;
  const target = parts.terms.whole(`asked ${caller.workflow} ${tool.id} ${classified.target}`);
  const [isKnown, stopped] = await Promise.all([
    isTargetKnown(parts.db, target, call.id),
    stoppedBefore(
      parts.db,
      { agent: caller.agent, workflow: caller.workflow, tool: tool.id, system: classified.system },
      afterStopMs,
    ),
  ]);
  const risk = riskOf({
    input,
    plan,
    isFirst: !isKnown,
    isKeyRevoked: call.keyRevoked === true,
    isChanged: call.since !== undefined,
    ...(stopped === undefined ? {} : { stopped }),
  });
  return { risk, target };
}
