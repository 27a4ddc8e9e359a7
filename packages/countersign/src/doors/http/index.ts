export { createApp } from "./app.ts";
export { identify, onTheRecord } from "./identify.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { openApi } from "./openapi.ts";
export { Refusals } from "./refusals.ts";
export { routes } from "./routes.ts";
export type { HttpSetting } from "./setting.ts";
export { sourceOf, trustedProxies } from "./source.ts";
export { StreamHub } from "./stream-hub.ts";
