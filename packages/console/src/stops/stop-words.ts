import type { Stop } from "@countersign/client";

/** `everything`, or `agent scribe`. */
export function what({ scope, name }: Pick<Stop, "scope" | "name">): string {
  return scope === "everything" ? "everything" : `${scope} ${name}`;
}

export type Standing = "in force" | "lifted" | "over";

/** A stop ends by being lifted, or with its time. */
export function standing({ liftedAt, untilMs }: Pick<Stop, "liftedAt" | "untilMs">, nowMs: number): Standing {
  if (liftedAt !== null) return "lifted";
  return untilMs === null || nowMs < untilMs ? "in force" : "over";
}
