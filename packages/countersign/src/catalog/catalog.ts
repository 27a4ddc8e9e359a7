import { addressArguments } from "./address.ts";
import { absoluteOf, classify, outcomesOf, reconcileOf, reversalOf, unknownReversal, whyUnknown } from "./classify.ts";
import { digestDefinition, doubledNames } from "./definition.ts";
import type { Environment, Places } from "./environment.ts";
import { normalisers } from "./normalise/normalise.ts";
import type { Pack, Packs } from "./pack.ts";
import type { Pin } from "./pin.ts";
import { normalisePath } from "./place.ts";
import { countsBefore, type ReachUnit } from "./reach.ts";
import { openDisk } from "./real-path.ts";
import { methodNames, type Rule } from "./rule.ts";
import type { Definition, Tool } from "./tool.ts";
import { type ToolsFile, workspacePlaceholder } from "./tools-file.ts";
import { wantedBy } from "./wanted-by.ts";

/** Every governed tool of every upstream server, as of one revision of the workspace and of the pins. */
export interface Catalog {
  tool(server: string, name: string): Tool | undefined;
  list(server: string): readonly Tool[];
  readonly servers: readonly string[];
  file(server: string): ToolsFile | undefined;
  /** The systems that its calls act in, as file, pack and rules name them: first the one of most of them. */
  systems(server: string): readonly string[];
  /** What in the files cannot hold; each fails closed, and is said. */
  readonly faults: readonly CatalogFault[];
}

export interface CatalogFault {
  readonly server: string;
  readonly detail: string;
}

export interface CatalogSources {
  readonly files: readonly ToolsFile[];
  readonly packs: Packs;
  readonly pins: readonly Pin[];
  /** What each server lists now; for a server that is not there, what is pinned stands in. */
  readonly definitions: ReadonlyMap<string, readonly Definition[]>;
  readonly environments: readonly Environment[];
  /** Absolute path of the workspace folder, for `${workspace}` in roots. */
  readonly workspace: string;
}

/** Pure: puts files, packs, pins and definitions together. A tool is reviewed only where its exact definition is. */
export function buildCatalog(sources: CatalogSources): Catalog {
  const faults: CatalogFault[] = [];
  const files = new Map<string, ToolsFile>();
  const tools = new Map<string, ReadonlyMap<string, Tool>>();
  const systems = new Map<string, Set<string>>();
  for (const file of sources.files) {
    if (files.has(file.server))
      faults.push({ server: file.server, detail: `two files describe server \`${file.server}\`` });
    files.set(file.server, file);
    const acted = new Set<string>();
    tools.set(file.server, toolsOf(file, sources, faults, acted));
    systems.set(file.server, acted);
  }
  return {
    tool: (server, name) => tools.get(server)?.get(name),
    list: (server) => [...(tools.get(server)?.values() ?? [])],
    servers: [...files.keys()],
    file: (server) => files.get(server),
    systems: (server) => [...(systems.get(server) ?? [])],
    faults,
  };
}

function toolsOf(
  file: ToolsFile,
  sources: CatalogSources,
  faults: CatalogFault[],
  systems: Set<string>,
): ReadonlyMap<string, Tool> {
  const fault = (detail: string) => faults.push({ server: file.server, detail });
  const pack = file.pack === undefined ? undefined : sources.packs.get(file.pack);
  if (file.pack !== undefined && pack === undefined) fault(`there is no pack \`${file.pack}\``);
  const server: ServerContext = { file, pack, places: placesOf(file, sources, fault) };
  const pins = sources.pins.filter((pin) => pin.server === file.server);
  const definitions =
    sources.definitions.get(file.server) ?? pins.filter((pin) => pin.status === "pinned").map((pin) => pin.definition);
  const doubled = doubledNames(definitions);
  for (const name of doubled) fault(`the server lists \`${name}\` more than once`);
  const base = systemOf(server);
  systems.add(base);
  const acts = (rule: Rule | undefined): void => {
    for (const one of [rule, ...(rule?.cases ?? [])]) systems.add(one?.system ?? rule?.system ?? base);
  };
  const tools = new Map<string, Tool>();
  for (const definition of definitions) {
    const digest = digestDefinition(definition);
    const rule = ruleOf(packedRule(pack, definition.name), own(file.tools, definition.name));
    const isReviewed =
      digest !== undefined && !doubled.has(definition.name) && reviewed(definition.name, digest, pack, pins);
    acts(rule);
    tools.set(definition.name, toolOf(server, definition, digest ?? "none", rule, isReviewed));
  }
  for (const name of methodNames) {
    const rule = ruleOf(pack?.methods[name], file.methods[name]);
    const definition: Definition = { name, inputSchema: { type: "object" } };
    if (rule !== undefined) acts(rule);
    tools.set(name, toolOf(server, definition, digestDefinition(definition) ?? "none", rule, rule !== undefined));
  }
  return tools;
}

interface ServerContext {
  readonly file: ToolsFile;
  readonly pack: Pack | undefined;
  readonly places: Places;
}

function systemOf({ file, pack }: Pick<ServerContext, "file" | "pack">): string {
  return file.system ?? pack?.system ?? file.server;
}

function toolOf(
  server: ServerContext,
  definition: Definition,
  digest: string,
  rule: Rule | undefined,
  isReviewed: boolean,
): Tool {
  const { file, places } = server;
  const id = `${file.server}.${definition.name}`;
  const before = countsBefore(rule?.reach);
  const context = {
    id,
    rule,
    system: systemOf(server),
    labels: file.labels,
    ...(file.owner === undefined ? {} : { owner: file.owner }),
    places,
    addresses: addressArguments(definition.inputSchema),
    isMethod: methodNames.some((name) => name === definition.name),
  };
  const outcomes = outcomesOf(rule, context.system);
  return {
    server: file.server,
    name: definition.name,
    id,
    definition,
    digest,
    reviewed: isReviewed,
    verbs: [...new Set(outcomes.map(({ verb }) => verb))],
    outcomes,
    classify: (args) => classify(context, args),
    ...(places.disk === undefined
      ? {}
      : { isPlaced: (args, environment) => classify(context, args).environment.name === environment }),
    whyUnknown: (args) => whyUnknown(context, args),
    absolute: absoluteOf(context),
    parsed: rule === undefined ? {} : shapesOf(rule),
    counts: Object.keys(rule?.reach ?? {}) as ReachUnit[],
    ...(Object.keys(before).length === 0 ? {} : { countsBefore: before }),
    reversal: reversalOf(rule) ?? unknownReversal,
    ...(rule?.reconcile === undefined ? {} : { reconcile: reconcileOf(rule.reconcile) }),
    ...(rule?.idempotencyArgument === undefined ? {} : { idempotencyArgument: rule.idempotencyArgument }),
  };
}

function shapesOf(rule: Rule): NonNullable<Tool["parsed"]> {
  return Object.fromEntries(Object.entries(wantedBy(rule)).map(([name, { as }]) => [name, normalisers[as].shape]));
}

/** A person's word on this very definition stands before the pack's; the pack's covers only the digest it names. */
function reviewed(tool: string, digest: string, pack: Pack | undefined, pins: readonly Pin[]): boolean {
  const pin = pins.find((one) => one.tool === tool && one.digest === digest);
  if (pin?.status === "pinned") return true;
  if (pin?.status === "rejected" || pin?.status === "superseded") return false;
  const packed = pack === undefined ? undefined : own(pack.tools, tool);
  return packed?.digest === digest;
}

function packedRule(pack: Pack | undefined, tool: string): Rule | undefined {
  const packed = pack === undefined ? undefined : own(pack.tools, tool);
  if (pack === undefined || packed === undefined) return undefined;
  return { environment: pack.environment, target: pack.target, ...packed };
}

/** The workspace's words over the pack's, member by member. */
function ruleOf(packed: Rule | undefined, over: Rule | undefined): Rule | undefined {
  return packed === undefined ? over : { ...packed, ...over };
}

function placesOf(file: ToolsFile, sources: CatalogSources, fault: (detail: string) => void): Places {
  const environments = new Map(sources.environments.map((environment) => [environment.name, environment]));
  const production = sources.environments.find((one) => one.production) ?? { name: "production", production: true };
  const place = (path: string) => {
    const normal = normalisePath(path.replaceAll(workspacePlaceholder, sources.workspace));
    if (normal === undefined) fault(`\`${path}\` is not an absolute path that can be compared`);
    return normal;
  };
  const known = (name: string) => {
    if (!environments.has(name)) fault(`there is no environment \`${name}\``);
  };
  for (const name of [
    file.environment,
    ...file.roots.map((root) => root.environment),
    ...file.hosts.map((host) => host.environment),
    ...Object.values(file.names),
  ]) {
    if (name !== undefined) known(name);
  }
  const base = file.base === undefined ? undefined : place(file.base);
  return {
    environments,
    production,
    ...(file.environment === undefined ? {} : { server: file.environment }),
    ...(base === undefined ? {} : { base }),
    roots: file.roots.flatMap((root) => {
      const path = place(root.path);
      return path === undefined ? [] : [{ path, environment: root.environment }];
    }),
    hosts: file.hosts,
    names: new Map(Object.entries(file.names)),
    ...(file.transport.kind === "http" || file.roots.length === 0 ? {} : { disk: () => openDisk() }),
  };
}

function own<T>(record: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
