export type { DbAddress } from "./address.ts";
export type { Db, Result, Session, Statement, Tx } from "./db.ts";
export { requireDurable } from "./durability.ts";
export { type Embedded, type EmbeddedOptions, startEmbedded } from "./embedded.ts";
export { isRetryable, isUniqueViolation, StatementFailure, sqlStateOf } from "./failure.ts";
export { appendOnlyTables, grantApp } from "./grants.ts";
export { type Watch, type WatchOptions, watch } from "./listen.ts";
export { type MigrateOptions, migrate } from "./migrate.ts";
export { type DbOptions, openDb } from "./pool.ts";
