import type { Tool } from "../catalog/index.ts";
import type { Control } from "./control.ts";
import type { LoadSources } from "./load-plane.ts";
import { unprovenSentence } from "./tool-proof.ts";

/** Every tool as people reviewed it, and what stands against it. */
export function listTools(control: Control, sources: LoadSources) {
  const { catalog, workspace, unproven } = control.keeper.loaded();
  const listed = sources.definitions();
  const usedBy = (id: string): readonly string[] =>
    (workspace?.workflows ?? [])
      .filter(({ allow, ask }) => allow.includes(id) || ask.some((one) => one.tool === id))
      .map(({ name }) => name);
  return {
    environments: (workspace?.environments ?? []).map(({ name, production }) => ({ name, production })),
    servers: catalog.servers.map((server) => ({
      server,
      system: catalog.systems(server)[0] ?? server,
      systems: catalog.systems(server),
      file: `tools/${server}.yaml`,
      listed: listed.has(server),
      faults: catalog.faults.filter((fault) => fault.server === server).map(({ detail }) => detail),
    })),
    tools: catalog.servers.flatMap((server) =>
      catalog.list(server).map((tool) => {
        const missing = unproven.get(tool.id);
        const unprovenBecause = missing === undefined ? null : unprovenSentence(missing);
        return {
          ...lineOf(tool, catalog.file(server)?.environment),
          unproven: unprovenBecause,
          workflows: usedBy(tool.id),
        };
      }),
    ),
  };
}

function lineOf(tool: Tool, declared: string | undefined) {
  const { id, server, name, definition, verbs, reviewed, digest } = tool;
  const { environment, reversal = tool.reversal } = tool.classify({});
  return {
    id,
    server,
    name,
    description: typeof definition.description === "string" ? definition.description : null,
    verbs,
    // What no argument maps is production: where the whole server lies elsewhere, it is the arguments that say.
    environment: environment.name === declared || !environment.production ? environment.name : null,
    production: environment.production,
    reversal: reversal.kind,
    undo: reversal.kind === "inverse" ? reversal.sentence : reversal.reason,
    reviewed,
    digest,
  };
}
