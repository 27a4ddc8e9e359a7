export { type Limits, type Window, windowsOf } from "./budget.ts";
export { dropOldWindows } from "./sql.ts";
export { type Budget, createBudget } from "./take.ts";
