import { modeAt } from "../workflows/index.ts";
import type { Control } from "./control.ts";

/** The last day on which the agent's workflow is only observed; undefined where its rules bite. */
export function observedUntil({ keeper, parts }: Control, agent: string): string | undefined {
  const found = keeper.loaded().workspace?.workflows.find(({ agents }) => agents.includes(agent));
  if (found?.mode.kind !== "observe" || modeAt(found, parts.ledger.now()) !== "observe") return undefined;
  return found.mode.until;
}
