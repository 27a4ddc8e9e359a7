export { deedOfStop, insertStop, listStops, lockStop, markLifted, readStopRow, stopsInForce } from "./sql.ts";
export { findStop, type Stop, type StopQuestion, type StopScope } from "./stop.ts";
