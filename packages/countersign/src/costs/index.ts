export { dropOldUses, dropOldWindows, forgetUses } from "./sql.ts";
export { type Budget, createBudget } from "./take.ts";
