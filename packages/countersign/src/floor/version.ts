import { readFileSync } from "node:fs";

/** The version of this package, as its manifest says it. */
export function versionOf(): string {
  const manifest = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version;
}
