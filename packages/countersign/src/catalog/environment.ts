import type { Json, JsonObject } from "@countersign/contract";
import { isDeep, mostParts, mostPaths, type PathPlace, pathPlaces } from "./path-places.ts";
import { normalisePath, type ParsedPath, type ParsedUrl, parsePath, parseUrl } from "./place.ts";
import type { Mapping } from "./rule.ts";
import { firstText, look } from "./template.ts";
import { argumentsOf } from "./wanted-by.ts";

export interface Environment {
  readonly name: string;
  readonly production: boolean;
}

/** Where the paths, hosts and the whole of one server lie; roots and base are normalised. */
export interface Places {
  readonly environments: ReadonlyMap<string, Environment>;
  readonly production: Environment;
  readonly server?: string;
  readonly base?: string;
  readonly roots: readonly { readonly path: string; readonly environment: string }[];
  readonly hosts: readonly { readonly host: string; readonly environment: string }[];
  readonly names: ReadonlyMap<string, string>;
  /** Opens the disk that the server works on, for one call (`real-path.ts`); absent where it is not this machine's. */
  readonly disk?: () => (path: string) => string | undefined;
}

/** The environment of a call, or undefined where no mapping covers it. Several mappings: all must map, production wins. */
export function mapEnvironment(
  mappings: readonly Mapping[],
  args: JsonObject,
  places: Places,
): Environment | undefined {
  if (namesTooMany(mappings, args, places)) return undefined;
  const found: Environment[] = [];
  const ofPath = pathPlaces(places);
  for (const mapping of mappings) {
    const environments = mapOne(mapping, args, places, ofPath);
    if (environments === undefined) return undefined;
    found.push(...environments);
  }
  const production = found.find((environment) => environment.production);
  if (production !== undefined) return production;
  const [first, ...rest] = found;
  // Two places outside production: no one name is true, so none is claimed.
  return rest.every((environment) => environment.name === first?.name) ? first : undefined;
}

/** Links are followed on the disk, one path after the other. */
function namesTooMany(mappings: readonly Mapping[], args: JsonObject, places: Places): boolean {
  if (places.disk === undefined) return false;
  let count = 0;
  for (const name of new Set(mappings.flatMap((mapping) => argumentsOf(mapping, "path")))) {
    const value = own(args, name);
    count += Array.isArray(value) ? value.length : 1;
  }
  return count > mostPaths;
}

function mapOne(
  mapping: Mapping,
  args: JsonObject,
  places: Places,
  ofPath: PathPlace,
): readonly Environment[] | undefined {
  if (mapping === "unmapped") return undefined;
  if (mapping === "production") return [places.production];
  if (mapping === "server") return named(places.server, places);
  switch (mapping.by) {
    case "constant":
      return named(mapping.environment, places);
    case "value": {
      const value = own(args, mapping.argument);
      if (typeof value !== "string" || !Object.hasOwn(mapping.values, value)) return undefined;
      return named(mapping.values[value], places);
    }
    case "name":
      return environmentsOfNames(typeof mapping.of === "string" ? [mapping.of] : mapping.of, args, places);
    case "absent":
      return mapping.arguments.some((name) => own(args, name) !== undefined) ? undefined : [];
    case "host":
      return each(mapping.arguments, args, (value) => environmentOfHost(parseUrl(value), places));
    case "path": {
      const optional = (mapping.optional ?? []).filter((name) => own(args, name) !== undefined);
      const avoid = mapping.avoid ?? [];
      return each([...mapping.arguments, ...optional], args, (value) => ofPath(value, avoid));
    }
  }
}

/** Why no mapping covers a call, in words that repeat no value; undefined where one does. */
export function whyUnmapped(mappings: readonly Mapping[], args: JsonObject, places: Places): string | undefined {
  if (namesTooMany(mappings, args, places)) return `it names more than ${mostPaths} paths in one call`;
  const ofPath = pathPlaces(places);
  const mapping = mappings.find((one) => mapOne(one, args, places, ofPath) === undefined);
  if (mapping === undefined) return undefined;
  if (typeof mapping === "string") return "its tools file does not say where it acts";
  switch (mapping.by) {
    case "path":
      return whyNoPath([...mapping.arguments, ...(mapping.optional ?? [])], mapping.avoid ?? [], args, places, ofPath);
    case "host": {
      const missing = mapping.arguments.find((name) => own(args, name) === undefined);
      if (missing !== undefined) return `its argument \`${missing}\` is missing`;
      return `its argument ${namedOf(mapping.arguments)} has no host that the tools file names`;
    }
    case "value":
      return `its argument \`${mapping.argument}\` has no value that the tools file names`;
    case "absent":
      return `with ${namedOf(mapping.arguments)} nobody can say where it acts`;
    case "name":
      return "its arguments name nothing that the tools file names";
    case "constant":
      return "its tools file does not say where it acts";
  }
}

function whyNoPath(
  names: readonly string[],
  avoid: readonly string[],
  args: JsonObject,
  places: Places,
  ofPath: PathPlace,
): string | undefined {
  for (const name of names) {
    const value = own(args, name);
    if (value === undefined) {
      if (each([name], args, () => places.production) === undefined) return `its argument \`${name}\` is missing`;
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) {
      if (ofPath(one, avoid) !== undefined) continue;
      if (typeof one === "string" && places.base === undefined && !one.startsWith("/"))
        return `its argument \`${name}\` is no absolute path, and what a relative one means is not known here`;
      if (normalisePath(one, places.base) === undefined)
        return `its argument \`${name}\` is no path that every program reads in the same way`;
      if (places.disk !== undefined && isDeep(one, places.base))
        return `its argument \`${name}\` is a path of more than ${mostParts} parts`;
      return `its argument \`${name}\` lies in no folder of its own that the tools file names, or a link leads out of it`;
    }
  }
  return undefined;
}

function namedOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" or ");
}

function each(
  names: readonly string[],
  args: JsonObject,
  map: (value: Json) => Environment | undefined,
): readonly Environment[] | undefined {
  const found: Environment[] = [];
  for (const name of names) {
    const value = own(args, name);
    const values: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    if (values.length === 0) return undefined;
    for (const one of values) {
      const environment = map(one);
      if (environment === undefined) return undefined;
      found.push(environment);
    }
  }
  return found;
}

function environmentOfHost(url: ParsedUrl | undefined, places: Places): Environment | undefined {
  if (url === undefined) return undefined;
  const host = url.port === "" ? url.host : `${url.host}:${url.port}`;
  const entry = places.hosts.find((known) => known.host === host);
  return entry === undefined ? undefined : places.environments.get(entry.environment);
}

/** Exact names only: another spelling of the same thing is not mapped, and so is production. */
function environmentsOfNames(
  templates: readonly string[],
  args: JsonObject,
  places: Places,
): readonly Environment[] | undefined {
  const found: Environment[] = [];
  for (const template of templates) {
    const only = /^\{\{([^{}]+)\}\}$/.exec(template)?.[1];
    const value = only === undefined ? firstText([template], { args }) : look({ args }, only);
    const values: readonly (Json | undefined)[] = Array.isArray(value) ? value : [value];
    if (values.length === 0) return undefined;
    for (const one of values) {
      const name = typeof one === "number" ? String(one) : one;
      const environment = typeof name === "string" ? named(places.names.get(name), places) : undefined;
      if (environment === undefined) return undefined;
      found.push(...environment);
    }
  }
  return found;
}

function named(name: string | undefined, places: Places): readonly Environment[] | undefined {
  const environment = name === undefined ? undefined : places.environments.get(name);
  return environment === undefined ? undefined : [environment];
}

/** Typed values of the arguments that hold paths and addresses; what cannot be parsed is not there. */
export function parseArguments(
  mappings: readonly Mapping[],
  paths: readonly string[],
  urls: readonly string[],
  args: JsonObject,
  places: Places,
): JsonObject {
  const parsed: [string, Json][] = [];
  for (const name of new Set([...mappings.flatMap((mapping) => argumentsOf(mapping, "path")), ...paths])) {
    collect(parsed, name, args, (value) => {
      const path = normalisePath(value, places.base);
      return path === undefined ? undefined : asJson(parsePath(path));
    });
  }
  for (const name of new Set([...mappings.flatMap((mapping) => argumentsOf(mapping, "host")), ...urls])) {
    collect(parsed, name, args, (value) => {
      const url = parseUrl(value);
      return url === undefined ? undefined : asJson(url);
    });
  }
  return Object.fromEntries(parsed);
}

function collect(
  into: [string, Json][],
  name: string,
  args: JsonObject,
  parse: (value: Json) => Json | undefined,
): void {
  const value = own(args, name);
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    const one = parse(value);
    if (one !== undefined) into.push([name, one]);
    return;
  }
  const all = value.map((element: Json) => parse(element)).filter((element) => element !== undefined);
  if (all.length === value.length) into.push([name, all]);
}

function asJson(value: ParsedPath | ParsedUrl): JsonObject {
  return { ...value };
}

export function own(args: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(args, name) ? args[name] : undefined;
}
