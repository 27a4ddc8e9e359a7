/** Everything that has a page of its own, by the first part of its address. */
export const nouns = [
  "inbox",
  "runs",
  "actions",
  "find",
  "agents",
  "workflows",
  "tools",
  "policies",
  "people",
  "evals",
  "outcomes",
  "ledger",
  "stops",
  "unknowns",
  "alerts",
  "notices",
  "workbench",
] as const;

export type Noun = (typeof nouns)[number];

/** Views of one noun that have an address of their own. */
export const inboxViews = ["", "batches", "grants", "answers", "load", "report"] as const;
export const policyViews = ["in-force", "who-can", "draft", "findings", "history", "near-misses"] as const;
