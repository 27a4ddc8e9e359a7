import { inboxViews as below } from "@countersign/contract";

export { type ConsoleNoun as Noun, consoleNouns as nouns, mayBeBelow } from "@countersign/contract";

/** Views of one noun that have an address of their own. */
export const inboxViews = ["", ...below] as const;
export const policyViews = [
  "in-force",
  "signatures",
  "who-can",
  "draft",
  "findings",
  "history",
  "near-misses",
] as const;
