export { paintFor } from "./paint.ts";
export { receiptLines } from "./receipt-lines.ts";
export { run } from "./run.ts";
export type { Terminal } from "./terminal.ts";
