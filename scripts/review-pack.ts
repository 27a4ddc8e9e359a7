/**
 * Compares what servers list with what the packs say was reviewed, and fails where they differ.
 * `node scripts/review-pack.ts` starts the servers that are installed here, and reads the recorded listings of the
 * others. `--server NAME --in FOLDER` starts one of those others, installed in FOLDER as its recorded listing says;
 * `--record` records what it lists. `--write` puts the digests of what was seen into the packs, once every tool has a
 * rule that a person wrote.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Client } from "@modelcontextprotocol/client";
import { parseDocument } from "yaml";
import { shippedPacks } from "../packages/countersign/src/catalog/load-packs.ts";
import { parsePack } from "../packages/countersign/src/catalog/pack.ts";
import { iso, systemClock } from "../packages/countersign/src/floor/clock.ts";
import { type ExampleServer, exampleServers, startServer } from "./example-servers.ts";
import { packServers, startPackServer } from "./pack-servers.ts";
import { type Listed, readListing, type Seen, seenOf, writeListing } from "./recorded-listings.ts";

/** Everything that a running server lists, as it answered. */
export async function listAll(client: Client): Promise<Listed> {
  const has = client.getServerCapabilities() ?? {};
  const listed = {
    tools: (await client.listTools()).tools,
    ...(has.resources === undefined
      ? {}
      : {
          resources: (await client.listResources()).resources,
          resourceTemplates: (await client.listResourceTemplates()).resourceTemplates,
        }),
    ...(has.prompts === undefined ? {} : { prompts: (await client.listPrompts()).prompts }),
  };
  return JSON.parse(JSON.stringify(listed));
}

/** Differences between a pack and a listing, one line each; empty where the pack holds. */
export async function reviewListing(name: string, { digests, listings }: Seen, isWriting: boolean): Promise<string[]> {
  const path = join(shippedPacks, `${name}.yaml`);
  const text = await readFile(path, "utf8");
  const pack = parsePack(text, `${name}.yaml`);
  const differences: string[] = [];
  const document = parseDocument(text);
  for (const [tool, digest] of Object.entries(digests)) {
    const known = pack.tools[tool];
    if (digest === null) differences.push(`${name}.${tool}: has no digest`);
    else if (known === undefined) differences.push(`${name}.${tool}: no rule; write one first`);
    else if (known.digest !== digest) {
      if (isWriting) document.setIn(["tools", tool, "digest"], digest);
      else differences.push(`${name}.${tool}: its definition is not the one that was reviewed`);
    }
  }
  for (const tool of Object.keys(pack.tools))
    if (!Object.hasOwn(digests, tool)) differences.push(`${name}.${tool}: the server does not list it`);
  if (JSON.stringify(listings) !== JSON.stringify(pack.listings)) {
    if (!isWriting) differences.push(`${name}: its resources or prompts are not the ones that were reviewed`);
    else if (Object.keys(listings).length > 0) document.set("listings", listings);
    else document.delete("listings");
  }
  if (isWriting && differences.length === 0) await writeFile(path, document.toString({ lineWidth: 0 }));
  return differences;
}

/** A server that is installed here, started and compared. */
export async function reviewPack(name: ExampleServer, isWriting: boolean): Promise<string[]> {
  const running = await startServer(name);
  try {
    return await reviewListing(name, seenOf(await listAll(running.client)), isWriting);
  } finally {
    await running.close();
  }
}

async function reviewOther(name: string, folder: string, isRecording: boolean, isWriting: boolean): Promise<string[]> {
  const server = packServers[name];
  if (server === undefined) return [`${name}: not one of ${Object.keys(packServers).join(", ")}`];
  const running = await startPackServer(server, folder);
  try {
    const listed = await listAll(running.client);
    if (isRecording) await writeListing(name, listed, iso(systemClock.now()).slice(0, 10));
    return await reviewListing(name, seenOf(listed), isWriting);
  } finally {
    await running.close();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      server: { type: "string" },
      in: { type: "string" },
      record: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const found: string[] = [];
  if (values.server !== undefined)
    found.push(...(await reviewOther(values.server, values.in ?? process.cwd(), values.record, values.write)));
  else {
    for (const name of Object.keys(exampleServers) as ExampleServer[])
      found.push(...(await reviewPack(name, values.write)));
    for (const name of Object.keys(packServers))
      found.push(...(await reviewListing(name, await readListing(name), values.write)));
  }
  for (const line of found) console.error(line);
  console.log(found.length === 0 ? "the packs hold" : `${found.length} differences`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
