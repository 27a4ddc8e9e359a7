export { badVersions } from "./bad-version.ts";
export { type Forecast, forecastOf, type Quantiles, quantiles, queueOf, type Stay } from "./queue.ts";
export { ranks, reachText, riskOf } from "./risk.ts";
export { type Signal, signalsOf } from "./signals.ts";
export { forgetAsked } from "./sql.ts";
