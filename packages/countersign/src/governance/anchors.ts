import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { type Anchor, fileAnchor, gitAnchor } from "../ledger/anchor.ts";
import { httpAnchor } from "../ledger/http-anchor.ts";
import { timestampAnchor } from "../ledger/timestamp-anchor.ts";
import type { Workspace } from "../workspace/index.ts";

type Named = Workspace["organisation"]["anchors"];

/** The anchor that every data folder has. */
export function ownAnchor(dataFolder: string): Anchor {
  const folder = join(dataFolder, "anchor");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return fileAnchor(join(folder, "checkpoints"));
}

/** Those that a workspace names; paths are from its folder. What timestamp authorities say is kept in `tx`. */
export function anchorsOf(named: Named, workspaceFolder: string, tx: Tx, clock: Clock): readonly Anchor[] {
  const path = (given: string): string => resolve(workspaceFolder, given);
  return named.map((anchor): Anchor => {
    const { everyMs } = anchor;
    if (anchor.kind === "file") return fileAnchor(path(anchor.path), everyMs);
    if (anchor.kind === "git") return gitAnchor(path(anchor.repository), anchor.branch, everyMs);
    if (anchor.kind === "http") return httpAnchor(anchor.url, everyMs);
    return timestampAnchor(tx, clock, { url: anchor.url, certificates: path(anchor.certificates), everyMs });
  });
}
