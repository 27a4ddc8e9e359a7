/**
 * Starts each pack's real server and compares what it lists with what the pack says was reviewed.
 * `node scripts/review-pack.ts` fails where they differ; `--write` puts the digests of what was seen into the pack,
 * once every tool has a rule that a person wrote.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { digestDefinition, readDefinition } from "../packages/countersign/src/catalog/definition.ts";
import { shippedPacks } from "../packages/countersign/src/catalog/load-packs.ts";
import { parsePack } from "../packages/countersign/src/catalog/pack.ts";
import { digestListings, type ExampleServer, exampleServers, startServer } from "./example-servers.ts";

/** Differences between a pack and its server, one line each; empty where the pack holds. */
export async function reviewPack(name: ExampleServer, isWriting: boolean): Promise<string[]> {
  const path = join(shippedPacks, `${name}.yaml`);
  const text = await readFile(path, "utf8");
  const pack = parsePack(text, `${name}.yaml`);
  const running = await startServer(name);
  try {
    const { tools } = await running.client.listTools();
    const listings = await digestListings(running.client);
    const differences: string[] = [];
    const document = parseDocument(text);
    const listed = new Set<string>();
    for (const tool of tools) {
      const definition = readDefinition(JSON.parse(JSON.stringify(tool)));
      const digest = definition === undefined ? undefined : digestDefinition(definition);
      listed.add(tool.name);
      const known = pack.tools[tool.name];
      if (digest === undefined) differences.push(`${name}.${tool.name}: has no digest`);
      else if (known === undefined) differences.push(`${name}.${tool.name}: no rule; write one first`);
      else if (known.digest !== digest) {
        if (isWriting) document.setIn(["tools", tool.name, "digest"], digest);
        else differences.push(`${name}.${tool.name}: its definition is not the one that was reviewed`);
      }
    }
    for (const tool of Object.keys(pack.tools))
      if (!listed.has(tool)) differences.push(`${name}.${tool}: the server does not list it`);
    if (JSON.stringify(listings) !== JSON.stringify(pack.listings)) {
      if (isWriting) document.set("listings", listings);
      else differences.push(`${name}: its resources or prompts are not the ones that were reviewed`);
    }
    if (isWriting && differences.length === 0) await writeFile(path, document.toString({ lineWidth: 0 }));
    return differences;
  } finally {
    await running.close();
  }
}

if (import.meta.main) {
  const isWriting = process.argv.includes("--write");
  let differences = 0;
  for (const name of Object.keys(exampleServers) as ExampleServer[]) {
    for (const line of await reviewPack(name, isWriting)) {
      console.error(line);
      differences += 1;
    }
  }
  console.log(differences === 0 ? "the packs hold" : `${differences} differences`);
  process.exitCode = differences === 0 ? 0 : 1;
}
