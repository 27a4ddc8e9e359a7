import type { Requirement } from "@countersign/contract";

/** How long something is open that neither says how long it may take nor waits for a moment. */
const dayMs = 86_400_000;

/** When a requirement that only time can meet is to be looked at. */
export function lookIn(requirements: readonly Requirement[], nowMs: number): { lookInMs?: number } {
  const waits = requirements.flatMap((requirement) =>
    requirement.kind === "wait" ? [Date.parse(requirement.until) - nowMs] : [],
  );
  return waits.length === 0 ? {} : { lookInMs: Math.max(0, Math.max(...waits)) };
}

/** How long what needs these is held before it lapses: people have their whole time also once a wait is over. */
export function heldForMs(requirements: readonly Requirement[], nowMs: number): number {
  const others = requirements.filter(({ kind }) => kind !== "wait");
  const open = others.map((requirement) => (requirement.kind === "approval" ? requirement.openMs : dayMs));
  return (lookIn(requirements, nowMs).lookInMs ?? 0) + Math.min(...(open.length === 0 ? [dayMs] : open));
}
