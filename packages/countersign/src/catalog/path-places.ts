import type { Json } from "@countersign/contract";
import type { Environment, Places } from "./environment.ts";
import { isWithin, normalisePath } from "./place.ts";

/** Every part of a path is looked at on the disk, and nobody else is answered meanwhile. */
export const mostParts = 64;
export const mostPaths = 200;

type Root = Places["roots"][number];

export type PathPlace = (value: Json, avoid: readonly string[]) => Environment | undefined;

/** Tells the environment of each path of one call; what was looked at on the disk is remembered for that long. */
export function pathPlaces(places: Places): PathPlace {
  const { roots } = places;
  const folded = roots.map((root) => ({ ...root, path: root.path.toLowerCase() }));
  const leadsThere = places.disk === undefined ? undefined : linkGuard(places.disk(), roots);
  return (value, avoid) => {
    const path = normalisePath(value, places.base);
    if (path === undefined) return undefined;
    const segments = path.toLowerCase().split("/");
    if (avoid.some((name) => segments.includes(name.toLowerCase()))) return undefined;
    const exact = longest(path, roots);
    // A file system that ignores case would find another root than the letters say.
    if (exact === undefined || exact.environment !== longest(path.toLowerCase(), folded)?.environment) return undefined;
    // A folder above a root of another environment holds both: a move or a search of it touches the other.
    if (roots.some((root) => root.environment !== exact.environment && isWithin(root.path, path))) return undefined;
    if (leadsThere !== undefined && !leadsThere(rawPath(value, places.base), path, exact)) return undefined;
    return places.environments.get(exact.environment);
  };
}

/** As it was written, `..` and all. */
function rawPath(value: Json, base: string | undefined): string {
  return typeof value !== "string" || value.startsWith("/") ? String(value) : `${base}/${value}`;
}

export function isDeep(value: Json, base: string | undefined): boolean {
  return rawPath(value, base).split("/").length > mostParts + 1;
}

/** ATTACK: a link in a folder of one environment that leads into another's, or out of all of them, or above one. */
function linkGuard(
  real: (path: string) => string | undefined,
  roots: readonly Root[],
): (raw: string, path: string, root: Root) => boolean {
  let resolved: readonly Root[] | undefined;
  const resolve = () =>
    roots.flatMap((one) => {
      const at = real(one.path);
      return at === undefined ? [] : [{ ...one, path: at }];
    });
  return (raw, path, root) => {
    if (isDeep(raw, undefined)) return false;
    const leads = real(path);
    // Behind a link, `..` is the folder above where that leads: some programs go there, and some cut the text.
    if (leads === undefined || real(raw) !== leads) return false;
    resolved ??= resolve();
    const found = longest(leads, resolved);
    if (found === undefined) return false;
    // A root that is itself a link to another lies in the environments of both.
    return resolved.every(
      (one) => one.environment === root.environment || (one.path !== found.path && !isWithin(one.path, leads)),
    );
  };
}

function longest(path: string, roots: readonly Root[]): Root | undefined {
  let best: Root | undefined;
  for (const root of roots) {
    if (isWithin(path, root.path) && (best === undefined || root.path.length > best.path.length)) best = root;
  }
  return best;
}
