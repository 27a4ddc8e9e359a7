/** Parsed, comparable values of arguments, so that no policy has to match text. */
export interface ParsedPath {
  readonly path: string;
  readonly name: string;
  readonly extension: string;
}

export interface ParsedUrl {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

const maxPath = 4_096;
// Invisible and direction-changing characters, controls, and `\`: two programs read such a path differently.
const unsure = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\\]/u;

/**
 * An absolute POSIX path without `.`, `..` and doubled slashes; undefined for whatever two programs might read
 * differently (surrounding quotes or blanks, `~`, schemes, drive letters, `\`, NUL, not NFC, trailing dots).
 * Lexical: links are for `real-path.ts`.
 */
export function normalisePath(text: unknown, base?: string): string | undefined {
  if (typeof text !== "string" || text === "" || text.length > maxPath) return undefined;
  if (!text.isWellFormed() || text.normalize("NFC") !== text || unsure.test(text)) return undefined;
  if (/^[\s"'~]|[\s"']$|^[A-Za-z][A-Za-z0-9+.-]*:/u.test(text)) return undefined;
  if (!text.startsWith("/") && base === undefined) return undefined;
  const segments: string[] = [];
  for (const segment of (text.startsWith("/") ? text : `${base}/${text}`).split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else if (/[. ]$/.test(segment)) return undefined;
    else segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

export function isWithin(path: string, root: string): boolean {
  return root === "/" || path === root || path.startsWith(`${root}/`);
}

export function parsePath(path: string): ParsedPath {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return { path, name, extension: dot > 0 ? name.slice(dot + 1).toLowerCase() : "" };
}

/** The path and every folder above it. The text grows with the square of the depth, so whoever takes many bounds them. */
export function foldersOf(path: string): readonly string[] {
  const segments = path === "/" ? [] : path.slice(1).split("/");
  return ["/", ...segments.map((_, i) => `/${segments.slice(0, i + 1).join("/")}`)];
}

/** Undefined where it is no address with a plain host name: the host is compared, never matched as text. */
export function parseUrl(text: unknown): ParsedUrl | undefined {
  if (typeof text !== "string" || text.length > maxPath || unsure.test(text) || /\s/.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const host = url.hostname.toLowerCase();
  if (!/^(?:https?|wss?|ssh|git):$/.test(url.protocol) || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(host)) return undefined;
  return { scheme: url.protocol.slice(0, -1), host, port: url.port, path: url.pathname };
}
