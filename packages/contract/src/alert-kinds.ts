/** What people are told of as something to look at, by its cause. */
export const alertKinds = [
  "anchor",
  "answers-at-risk",
  "answers-late",
  "break-glass",
  "budget",
  "clock",
  "connection",
  "contradiction",
  "glass-overdue",
  "invariants-unproven",
  "log",
  "moved",
  "notice",
  "observed",
  "orphan",
  "policy",
  "preservation",
  "restored",
  "shared-key",
  "unknown",
  "waiver",
] as const;

export type AlertKind = (typeof alertKinds)[number];
