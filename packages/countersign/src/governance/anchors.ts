import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Log } from "../floor/log.ts";
import { type Anchor, fileAnchor, gitAnchor } from "../ledger/anchor.ts";
import type { Workspace } from "../workspace/index.ts";

type Named = Workspace["organisation"]["anchors"];

/** The anchor that every data folder has. */
export function ownAnchor(dataFolder: string): Anchor {
  const folder = join(dataFolder, "anchor");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return fileAnchor(join(folder, "checkpoints"));
}

/** Those that a workspace names; paths are from its folder. */
export function anchorsOf(named: Named, workspaceFolder: string, log: Log): readonly Anchor[] {
  return named.flatMap((anchor) => {
    if (anchor.kind === "file") return [fileAnchor(resolve(workspaceFolder, anchor.path))];
    if (anchor.kind === "git") return [gitAnchor(resolve(workspaceFolder, anchor.repository), anchor.branch)];
    log.warn({ url: anchor.url }, "anchors over http are not there yet; this one is not used");
    return [];
  });
}
