import { type Catalog, reachUnread } from "../catalog/index.ts";
import type { TrialWorld } from "../policy/index.ts";
import { answering, dayOf } from "../workflows/index.ts";
import type { Workspace } from "../workspace/index.ts";
import { configuredChecks } from "./compile-workspace.ts";

/** What a workspace and a catalog say of the names in a call that has not happened; the tier is the one that its workflow asks for. */
export function trialWorld(workspace: Workspace, catalog: Catalog, tierOf?: TrialWorld["tierOf"]): TrialWorld {
  const { agents, environments, people, workflows } = workspace;
  const find = <T extends { readonly name: string }>(list: readonly T[], name: string) =>
    list.find((one) => one.name === name);
  return {
    agent(name) {
      const agent = find(agents, name);
      return agent?.workflow === undefined ? undefined : { workflow: agent.workflow, owner: agent.owner };
    },
    workflow: (name) => find(workflows, name),
    tierOf: tierOf ?? ((_agent, workflow) => find(workflows, workflow)?.tier ?? 0),
    place(id, args) {
      const dot = id.indexOf(".");
      const tool = catalog.tool(id.slice(0, dot), id.slice(dot + 1));
      if (tool === undefined) return undefined;
      const { reversal = tool.reversal, flow, ...placed } = tool.classify(args);
      const { countsBefore } = tool;
      const unread = countsBefore === undefined ? {} : { reach: { ...placed.reach, ...reachUnread(countsBefore) } };
      const promised = placed.verb === "read" ? "none" : reversal.kind === "inverse" ? "plan" : reversal.kind;
      return {
        ...placed,
        ...unread,
        flow: { effect: flow.effect, brings: flow.result.confidentiality },
        reversal: promised,
        definitionDigest: tool.digest,
      };
    },
    environment: (name) => find(environments, name),
    capacities(email, workflow, at) {
      const person = people.find((one) => one.email === email);
      if (person === undefined) return undefined;
      const file = find(workflows, workflow);
      const stands = file !== undefined && answering(file, dayOf(Date.parse(at))).some((one) => one.person === email);
      return [...person.groups, ...(stands ? ["dri"] : []), email];
    },
    checks: configuredChecks,
    known: {
      agents: agents.map((one) => one.name),
      workflows: workflows.map((one) => one.name),
      tools: catalog.servers.flatMap((server) => catalog.list(server).map((tool) => tool.id)),
      environments: environments.map((one) => one.name),
      people: people.map((one) => one.email),
    },
  };
}
