import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonical, type JsonObject } from "@countersign/contract";
import { readDefinition } from "../packages/countersign/src/catalog/definition.ts";
import type { Definition } from "../packages/countersign/src/catalog/tool.ts";
import { digestText } from "../packages/countersign/src/floor/digest.ts";
import { root } from "./example-servers.ts";
import { type PackServer, packServers } from "./pack-servers.ts";

/** What a real server listed, as it was answered; the tests read it in the place of the server. */
export interface RecordedListing {
  readonly about: string;
  readonly package: string;
  readonly version: string;
  readonly taken: string;
  readonly install: readonly string[];
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
  // One member a line, so that a difference of two listings can be read.
  const list = (member: string, values: readonly unknown[]): string =>
    `"${member}": [\n${values.map((value) => JSON.stringify(value)).join(",\n")}\n]`;
  const members = [
    ...Object.entries(head).map(([member, value]) => `"${member}": ${JSON.stringify(value)}`),
    list("tools", listing.tools),
    ...others.flatMap((member) => (listing[member] === undefined ? [] : [list(member, listing[member])])),
  ];
  await writeFile(pathOf(name), `{\n${members.join(",\n")}\n}\n`);
}

export type Listed = Pick<RecordedListing, "tools" | (typeof others)[number]>;

/** One digest for each listing beside the tools; a listing that the server does not have is absent. */
export function listingDigests(listing: Listed): Record<string, string> {
  return Object.fromEntries(
    others.flatMap((member) => {
      const values = listing[member];
      return values === undefined ? [] : [[member, digestText(canonical([...values]))]];
    }),
  );
}
