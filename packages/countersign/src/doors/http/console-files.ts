import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";
import { gzipSync } from "node:zlib";

/** One file of the console, as it is sent. */
export interface ConsoleFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

export interface ConsoleFiles {
  /** By path within the console, such as `assets/index-4f2a.js`; undefined for what it has not got. */
  file(path: string): ConsoleFile | undefined;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Everything the console is made of, read once: a path from outside never meets the file system. A folder that is not
 * there is an empty console.
 */
export function readConsole(folder: string): ConsoleFiles {
  const files = new Map<string, ConsoleFile>();
  for (const path of globSync("**/*", { cwd: folder })) {
    const type = types[extname(path)];
    if (type === undefined) continue;
    const bytes = readFileSync(join(folder, path));
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`;
    files.set(path.split(sep).join("/"), { type, bytes, gzip: gzipSync(bytes, { level: 9 }), etag });
  }
  return { file: (path) => files.get(path) };
}
