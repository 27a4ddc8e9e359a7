export { type About, keyFiles } from "./manifest.ts";
export type { BackupMade, BackupOptions, Missing, RestoreOptions, RestoreReport } from "./options.ts";
export { type BackupReader, readBackup } from "./read-backup.ts";
export { type RestoredNote, readRestoredNote, removeRestoredNote, writeRestoredNote } from "./restored-note.ts";
export { openFile, sealFile } from "./seal-file.ts";
export { writeBackup } from "./write-backup.ts";
