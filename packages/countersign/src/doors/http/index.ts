export { createApp } from "./app.ts";
export { readConsole } from "./console-files.ts";
export { identify, identifyAgain, onTheRecord } from "./identify.ts";
export { openIdentityMemory } from "./identity-memory.ts";
export { createMetrics } from "./metrics.ts";

export { Refusals } from "./refusals.ts";
export type { Route } from "./route.ts";
export { routes } from "./routes.ts";
export type { HttpSetting } from "./setting.ts";
export { sourceOf, trustedProxies } from "./source.ts";
export { StreamHub } from "./stream-hub.ts";
