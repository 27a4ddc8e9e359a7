import type { DecisionInput, FlowFacts } from "@countersign/contract";

const mostNamed = 3;

/** The shipped policies that ask because of what a run did before its call. */
export const flowPolicies: readonly string[] = ["flow-destination", "flow-confidential", "flow-beyond", "flow-scope"];

/** Why what a run has read matters for this call; undefined where it does not. */
export function flowSentence(flow: FlowFacts | undefined): string | undefined {
  if (flow?.tainted !== true) return undefined;
  const tools = [...new Set((flow.sources ?? []).map(({ tool }) => tool))];
  const read =
    tools.length === 0
      ? "nobody opened its run with a task, so anybody may have told it what to do"
      : `its run has read ${named(tools)}, where others may write`;
  const places = Object.entries(flow.destinations ?? {});
  const strange = places.flatMap(([at, origin]) => (origin === "untrusted" ? [at] : []));
  const nowhere = places.flatMap(([at, origin]) => (origin === "none" ? [at] : []));
  const { origins = [], beyond = [] } = flow;
  const isTold = flow.effect === "egress" && beyond.length > 0 && origins.includes("task");
  return [
    read,
    ...(strange.length === 0 ? [] : [`${named(strange)} ${verb(strange)} what it read there`]),
    ...(nowhere.length === 0 || tools.length === 0
      ? []
      : [`${named(nowhere)} ${stands(nowhere)} in no task and in no answer`]),
    ...(isTold ? [`it has read what is ${beyond.join(" and ")}, of records that its task does not name`] : []),
  ].join(", and ");
}

function named(names: readonly string[]): string {
  const first = names.slice(0, mostNamed).map((name) => `\`${name.slice(0, 100)}\``);
  return `${first.join(", ")}${names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ""}`;
}

function verb(names: readonly string[]): string {
  return names.length === 1 ? "is" : "are";
}

function stands(names: readonly string[]): string {
  return names.length === 1 ? "stands" : "stand";
}

/** The same as a part of a sentence, where one of these policies asks; else nothing. The call alone does not show it. */
export function flowReason(asking: readonly string[], { facts }: Pick<DecisionInput, "facts">): string {
  const sentence = asking.some((policy) => flowPolicies.includes(policy)) ? flowSentence(facts.flow) : undefined;
  return sentence === undefined ? "" : `, since ${sentence}`;
}
