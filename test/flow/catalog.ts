import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestDefinition } from "../../packages/countersign/src/catalog/definition.ts";
import {
  buildCatalog,
  type Catalog,
  type Definition,
  loadPacks,
  type Pin,
} from "../../packages/countersign/src/catalog/index.ts";
import { check, read, type Workspace } from "../../packages/countersign/src/workspace/index.ts";

const definitionsFile = join(import.meta.dirname, "recorded", "definitions.generated.json");

/** Where the sessions' folder is in what is recorded. */
export const worldFolder = "/world";

export interface FlowWorld {
  readonly workspace: Workspace;
  readonly catalog: Catalog;
  readonly pins: readonly Pin[];
}

export function readDefinitions(): ReadonlyMap<string, readonly Definition[]> {
  if (!existsSync(definitionsFile)) throw new Error("nothing is recorded yet: run `node scripts/record-flow.ts`");
  return new Map(Object.entries(JSON.parse(readFileSync(definitionsFile, "utf8"))));
}

/** The workspace of the sessions with what its servers list, every definition of it reviewed. */
export async function openFlowWorld(definitions = readDefinitions()): Promise<FlowWorld> {
  const packs = await loadPacks();
  const { files } = await read(join(import.meta.dirname, "workspace"));
  const { workspace, problems } = check(files, { packs });
  if (workspace === undefined) throw new Error(`the workspace of the sessions: ${JSON.stringify(problems[0])}`);
  const pins = [...definitions].flatMap(([server, listed]) => listed.map((definition) => pinOf(server, definition)));
  const catalog = buildCatalog({
    files: workspace.toolsFiles,
    packs,
    pins,
    definitions,
    environments: workspace.environments,
    workspace: `${worldFolder}/workspace`,
  });
  return { workspace, catalog, pins };
}

function pinOf(server: string, definition: Definition): Pin {
  const digest = digestDefinition(definition) ?? "";
  return { server, tool: definition.name, digest, definition, status: "pinned", seenAt: "2026-11-20T10:00:00Z" };
}

/** The server and the tool in `server.tool`. */
export function partsOf(call: string): readonly [server: string, tool: string] {
  const dot = call.indexOf(".");
  return [call.slice(0, dot), call.slice(dot + 1)];
}
