import { lstatSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Where a normalised path leads on this machine's disk, links followed. What does not exist yet lies where the nearest
 * folder above it leads; undefined where nobody can tell: a link to nothing, a circle of links, a folder that may not
 * be looked into.
 */
export function realPath(path: string): string | undefined {
  let [there, rest] = [path, ""];
  for (;;) {
    try {
      return join(realpathSync.native(there), rest);
    } catch (thrown) {
      if (!isMissing(thrown) || there === "/" || isLink(there)) return undefined;
      rest = join(there.slice(dirname(there).length).replace(/^\//, ""), rest);
      there = dirname(there);
    }
  }
}

/** A link to what is not there yet: whoever writes to it makes that. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (thrown) {
    return !isMissing(thrown);
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
