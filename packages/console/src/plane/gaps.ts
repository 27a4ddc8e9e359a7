import type { Agent, Person, WorkflowRow } from "@countersign/client";

/** What is missing around an agent; the first is the worst. */
export type Gap = "frozen" | "owner left" | "no workflow" | "DRI left" | "no deputy" | "tier not earned";

const order: readonly Gap[] = ["frozen", "owner left", "no workflow", "DRI left", "no deputy", "tier not earned"];

/** In words, with what closes it. */
export const gapWords: Readonly<Record<Gap, string>> = {
  frozen: "It is frozen and may do nothing.",
  "owner left": "Its owner is not in the workspace any more: name another one in countersign.yaml.",
  "no workflow": "It is in no workflow: name it under `agents` of one, or take it out.",
  "DRI left": "Whoever answers for its workflow is not in the workspace any more.",
  "no deputy": "Nobody stands in for the DRI: name a `deputy` in the workflow's file.",
  "tier not earned": "Its workflow asks for a higher tier than is in force.",
};

export function gapsOf(
  agent: Agent,
  workflows: readonly WorkflowRow[],
  people: readonly Pick<Person, "email">[],
): readonly Gap[] {
  const workflow = workflows.find(({ name }) => name === agent.workflow);
  const isHere = (email: string): boolean => people.some((person) => person.email === email);
  const found: Readonly<Record<Gap, boolean>> = {
    frozen: agent.frozen !== null,
    "owner left": !isHere(agent.owner),
    "no workflow": agent.workflow === null,
    "DRI left": agent.dri !== null && !isHere(agent.dri),
    "no deputy": workflow !== undefined && workflow.deputy === undefined,
    "tier not earned": workflow !== undefined && agent.tier !== null && Number(workflow.tier) > agent.tier,
  };
  return order.filter((gap) => found[gap]);
}

/** Agents with gaps first, the worst gap before the others; else by name. */
export function byGaps<T extends { readonly name: string; readonly gaps: readonly Gap[] }>(agents: readonly T[]): T[] {
  const rank = ({ gaps: [worst] }: T): number => (worst === undefined ? order.length : order.indexOf(worst));
  return agents.toSorted((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}
