export { dropOldUses, dropOldWindows } from "./sql.ts";
export { type Budget, createBudget } from "./take.ts";
