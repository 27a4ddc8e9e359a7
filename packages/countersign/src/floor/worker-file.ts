import { extname } from "node:path";

/** A worker's file beside the module that starts it: as TypeScript where that runs from source, as JavaScript where it was built. */
export function workerFile(name: string, module: string): URL {
  return new URL(name.replace(/\.ts$/, extname(module)), module);
}
