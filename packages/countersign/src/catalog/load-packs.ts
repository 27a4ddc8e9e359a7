import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../floor/problem.ts";
import { type Pack, parsePack } from "./pack.ts";

/** Where the shipped packs lie, beside `src` and `dist`. */
export const shippedPacks = fileURLToPath(new URL("../../packs", import.meta.url));

/** All packs of a folder by `name@version`. */
export async function loadPacks(folder: string = shippedPacks): Promise<ReadonlyMap<string, Pack>> {
  const packs = new Map<string, Pack>();
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort()) {
    const pack = parsePack(await readFile(join(folder, name), "utf8"), name);
    if (packs.has(pack.pack)) throw new Problem("invalid", `pack \`${pack.pack}\` is there twice`, { at: name });
    packs.set(pack.pack, pack);
  }
  return packs;
}
