export { checkpointAt, latestCheckpoint } from "./log-sql.ts";
export { consistencyProof, inclusionProof } from "./prove.ts";
export { parseTilePath, readEntryBundle, readTile } from "./tile.ts";
export { digestOf, readCertificates } from "./timestamp-anchor.ts";
