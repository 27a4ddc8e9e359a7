import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../floor/problem.ts";
import { type Pack, type Packs, parsePack } from "./pack.ts";

/** Where the shipped packs lie, beside `src` and `dist`. */
export const shippedPacks = fileURLToPath(new URL("../../packs", import.meta.url));

/** All packs of a folder by `name@version`. Each is parsed when it is first asked for: some are long, few are used. */
export async function loadPacks(folder: string = shippedPacks): Promise<Packs> {
  const texts = new Map<string, { readonly file: string; readonly text: string }>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort()) {
    const text = await readFile(join(folder, file), "utf8");
    const id = /^pack: (\S+)$/m.exec(text)?.[1] ?? "";
    if (texts.has(id)) throw new Problem("invalid", `pack \`${id}\` is there twice`, { at: file });
    texts.set(id, { file, text });
  }
  const parsed = new Map<string, Pack>();
  return {
    has: (id) => texts.has(id),
    keys: () => texts.keys(),
    get(id) {
      const known = parsed.get(id);
      const found = texts.get(id);
      if (known !== undefined || found === undefined) return known;
      const pack = parsePack(found.text, found.file);
      if (pack.pack !== id) throw new Problem("invalid", `\`${found.file}\` says two names`, { at: found.file });
      parsed.set(id, pack);
      return pack;
    },
  };
}
