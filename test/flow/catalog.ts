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
import { type FlowSet, ownSet } from "./session.ts";

const definitionsFile = ({ folder }: FlowSet) => join(folder, "recorded", "definitions.generated.json");

/** Where the sessions' folder is in what is recorded. */
export const worldFolder = "/world";

export interface FlowWorld {
  readonly set: FlowSet;
  readonly workspace: Workspace;
  readonly catalog: Catalog;
  readonly pins: readonly Pin[];
}

export function readDefinitions(set: FlowSet): ReadonlyMap<string, readonly Definition[]> {
  const file = definitionsFile(set);
  if (!existsSync(file)) throw new Error("nothing is recorded yet: run `node scripts/record-flow.ts`");
  return new Map(Object.entries(JSON.parse(readFileSync(file, "utf8"))));
}

/** The workspace of the sessions with what its servers list, every definition of it reviewed. */
export async function openFlowWorld(set = ownSet, definitions = readDefinitions(set)): Promise<FlowWorld> {
  const packs = await loadPacks();
  const { files } = await read(join(set.folder, "workspace"));
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
  return { set, workspace, catalog, pins };
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
