export { insertStop, listStops, lockStop, markLifted, stopsInForce } from "./sql.ts";
export { findStop, type Stop, type StopQuestion, type StopScope, stopScopes } from "./stop.ts";
