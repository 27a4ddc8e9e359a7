import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { digestDefinition, readDefinition } from "../packages/countersign/src/catalog/definition.ts";
import type { Pack, Packs } from "../packages/countersign/src/catalog/pack.ts";
import type { Definition } from "../packages/countersign/src/catalog/tool.ts";
import { digestText } from "../packages/countersign/src/floor/digest.ts";
import { saysItWrites } from "../test/packs/says-it-writes.ts";
import { root } from "./example-servers.ts";
import { type PackServer, packServers } from "./pack-servers.ts";

/**
 * What a real server listed, less what it said in words: names, schemas without prose, digests of the whole, and which
 * words of a definition say that it writes. The tests read it in the place of the server.
 */
export interface RecordedListing {
  readonly about: string;
  readonly package: string;
  readonly version: string;
  readonly taken: string;
  readonly install: readonly string[];
  readonly digests: Seen["digests"];
  readonly listings: Seen["listings"];
  readonly writes: { readonly [tool: string]: readonly string[] };
  readonly tools: readonly Definition[];
}

/** Digests of what a server listed: each tool's, where it can be relied on, and one for each listing beside the tools. */
export interface Seen {
  readonly digests: { readonly [tool: string]: string | null };
  readonly listings: { readonly [listing: string]: string };
}

export interface Listed {
  readonly tools: readonly Definition[];
  readonly resources?: readonly JsonObject[];
  readonly resourceTemplates?: readonly JsonObject[];
  readonly prompts?: readonly JsonObject[];
}

const others = ["resources", "resourceTemplates", "prompts"] as const;

const pathOf = (name: string): string => join(root, "test/packs", `${name}.generated.json`);

export async function readListing(name: string): Promise<RecordedListing> {
  const listing = JSON.parse(await readFile(pathOf(name), "utf8")) as RecordedListing;
  for (const tool of listing.tools)
    if (readDefinition(tool) === undefined) throw new Error(`${name}: a member of its list is no definition`);
  return listing;
}

export async function writeListing(name: string, listing: Listed, taken: string): Promise<void> {
  const server = packServers[name] as PackServer;
  const head = {
    about: `recorded from the real server; again with: node scripts/review-pack.ts --server ${name} --in FOLDER --record, where FOLDER is where the lines of \`install\` were run`,
    package: server.package,
    version: server.version,
    taken,
    install: server.install,
  };
  const writes = Object.fromEntries(
    listing.tools.map((tool) => [tool.name, saysItWrites(tool)] as const).filter(([, words]) => words.length > 0),
  );
  // One member a line, so that a difference of two listings can be read.
  const members = [
    ...Object.entries(head).map(([member, value]) => `"${member}": ${JSON.stringify(value)}`),
    ...Object.entries({ ...seenOf(listing), writes }).map(
      ([member, values]) =>
        `"${member}": {\n${Object.entries(values)
          .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
          .join(",\n")}\n}`,
    ),
    `"tools": [\n${listing.tools.map((tool) => JSON.stringify(withoutWords(tool))).join(",\n")}\n]`,
  ];
  await writeFile(pathOf(name), `{\n${members.join(",\n")}\n}\n`);
}

export function seenOf(listing: Listed): Seen {
  const digests = listing.tools.map((tool) => {
    const definition = readDefinition(tool);
    return [tool.name, definition === undefined ? null : (digestDefinition(definition) ?? null)] as const;
  });
  return { digests: Object.fromEntries(digests), listings: listingDigests(listing) };
}

/** The packs as if what was reviewed had no words: a recorded definition is then one that was reviewed. */
export function packsOfRecorded(packs: Packs, listings: ReadonlyMap<string, RecordedListing>): Packs {
  const fitted = new Map<string, Pack>(
    [...listings].flatMap(([name, { tools }]) => {
      const pack = packs.get(`${name}@1`);
      if (pack === undefined) return [];
      const digests = new Map(tools.map((tool) => [tool.name, digestDefinition(tool)]));
      const rules = Object.entries(pack.tools).map(
        ([tool, rule]) => [tool, { ...rule, digest: digests.get(tool) ?? rule.digest }] as const,
      );
      return [[`${name}@1`, { ...pack, tools: Object.fromEntries(rules) }] as const];
    }),
  );
  return { get: (id) => fitted.get(id) ?? packs.get(id), has: (id) => packs.has(id), keys: () => packs.keys() };
}

export function withoutWords({ name, inputSchema, annotations }: Definition): Definition {
  const { readOnlyHint, destructiveHint } = (annotations ?? {}) as JsonObject;
  const hints = Object.entries({ readOnlyHint, destructiveHint }).filter(([, hint]) => typeof hint === "boolean");
  return {
    name,
    ...(hints.length === 0 ? {} : { annotations: Object.fromEntries(hints) as JsonObject }),
    inputSchema: schemaWithoutWords(inputSchema),
  };
}

const words = new Set(["description", "title", "examples", "example", "$comment", "markdownDescription", "$schema"]);
const named = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const values = new Set(["enum", "const", "default", "required", "type", "format", "pattern", "$ref"]);

/** Members of `properties` are names of the server's own: none of them is prose, whatever it is called. */
function schemaWithoutWords(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([member, value]): [string, Json][] => {
      if (words.has(member)) return [];
      if (values.has(member)) return [[member, value]];
      if (named.has(member) && isMembers(value))
        return [[member, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, within(one)]))]];
      return [[member, within(value)]];
    }),
  );
}

function within(value: Json): Json {
  if (Array.isArray(value)) return value.map(within);
  return isMembers(value) ? schemaWithoutWords(value) : value;
}

function isMembers(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One digest for each listing beside the tools; a listing that the server does not have is absent. */
function listingDigests(listing: Listed): Record<string, string> {
  return Object.fromEntries(
    others.flatMap((member) => {
      const values = listing[member];
      return values === undefined ? [] : [[member, digestText(canonical([...values]))]];
    }),
  );
}
