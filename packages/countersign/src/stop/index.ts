export { deedOfStop, insertStop, listStops, lockStop, markLifted, stopsInForce } from "./sql.ts";
export { findStop, type Stop, type StopScope } from "./stop.ts";
