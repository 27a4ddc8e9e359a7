import { join } from "node:path";
import { Problem } from "../../floor/problem.ts";

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with a closing zero. */
const maxSocketBytes = 103;

/** Where a server is asked by whoever holds its data folder. Its folder is its owner's alone, and so is what lies in it. */
export function localSocket(dataFolder: string): { readonly folder: string; readonly path: string } {
  const folder = join(dataFolder, "local");
  const path = join(folder, "door.sock");
  if (process.platform === "win32" || Buffer.byteLength(path) > maxSocketBytes) {
    throw new Problem("unavailable", "there is no door on this machine: the data folder cannot hold its socket", {
      help: "start the server with `countersign up --invite ADDRESS`, or choose a shorter `COUNTERSIGN_DATA`",
    });
  }
  return { folder, path };
}
