export type { Db, Tx } from "./db.ts";
export { requireDurable } from "./durability.ts";
export { startEmbedded } from "./embedded.ts";

export { watch } from "./listen.ts";
export { migrate } from "./migrate.ts";
export { openDb } from "./pool.ts";
export { reachEmbedded } from "./reach-embedded.ts";
