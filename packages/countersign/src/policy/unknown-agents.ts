import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { didYouMean } from "./did-you-mean.ts";
import { entitiesIn, pathsRead } from "./syntax.ts";

export interface KnownWorkflow {
  readonly workflow: string;
  readonly agents: readonly string[];
}

/** Whom a policy names and no request can come from: what waits for them never holds, and nothing else would say so. */
export function* unknownAgents(
  { principal, conditions }: PolicyJson,
  workflows: readonly KnownWorkflow[],
): Generator<[string, string | undefined]> {
  const named = (type: string) => new Set(entitiesIn([principal, conditions], type));
  const names = workflows.map(({ workflow }) => workflow);
  const agents = workflows.flatMap((one) => one.agents);
  for (const name of named("Workflow"))
    if (!names.includes(name)) yield [`there is no workflow \`${name}\``, didYouMean(name, names)];
  for (const name of named("Agent"))
    if (!agents.includes(name)) yield [`no workflow has an agent \`${name}\``, didYouMean(name, agents)];
  for (const name of named("Group"))
    yield [`agents are in no groups, so nothing is in \`Group::"${name}"\``, "name a workflow or an agent"];
  const paths = conditions.flatMap(({ body }) => pathsRead(body));
  if (paths.some(([root, member]) => root === "principal" && member === "groups"))
    yield ["agents are in no groups, so `principal.groups` is always empty", "name a workflow or an agent"];
}
