import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Problem } from "../floor/problem.ts";

const noteSchema = z.strictObject({
  v: z.literal(1),
  /** The deed by which the next start writes it into the ledger. */
  deed: z.string(),
  stop: z.string(),
  frozen: z.int(),
  restoredAt: z.string(),
  backup: z.strictObject({ sha256: z.string(), madeAt: z.string(), size: z.int(), origin: z.string().nullable() }),
  acceptRollback: z.string().nullable(),
});

/** What a restore leaves for the first start after it: that start says it in the ledger and to the anchors. */
export type RestoredNote = z.output<typeof noteSchema>;

const file = "restored.json";

export function writeRestoredNote(folder: string, note: RestoredNote): void {
  const unfinished = join(folder, `.${file}.new`);
  const handle = openSync(unfinished, "w", 0o600);
  writeSync(handle, `${JSON.stringify(note, null, 1)}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(unfinished, join(folder, file));
}

export function readRestoredNote(folder: string): RestoredNote | undefined {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  try {
    return noteSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new Problem("invalid", `\`${path}\` is not what a restore leaves`, {
      help: "restore the backup again into an empty folder",
      cause,
    });
  }
}

export function removeRestoredNote(folder: string): void {
  rmSync(join(folder, file), { force: true });
}
