export { badVersions } from "./bad-version.ts";
export { kindOf, mostTogether, sampleOf, whyAlone } from "./batch.ts";
export { fits, type GrantedCall, type GrantShape, shapeFault } from "./grant.ts";
export { pathsOf } from "./paths.ts";
export { type Forecast, forecastOf, type Quantiles, quantiles, queueOf, type Stay } from "./queue.ts";
export { forgetAsked } from "./queue-sql.ts";
export { allHands, type Period, periodOf, type ReportedAction } from "./report.ts";
export { ranks, reachText, riskOf } from "./risk.ts";
export { type Signal, signalsOf } from "./signals.ts";
