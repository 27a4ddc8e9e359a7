import type { AnswersPage } from "@countersign/client";

/** When the newest answer of mine to something was given: null where none was, undefined where that is not known. */
export type Before = string | null | undefined;

/** Undefined where nobody can tell: the same was answered, and it is not known whether that was before. */
export function isThis(
  found: Pick<AnswersPage["answers"][number], "at" | "verdict"> | null,
  verdict: string,
  before: Before,
): boolean | undefined {
  if (found === null || found.verdict !== verdict) return false;
  return before === undefined ? undefined : found.at !== before;
}
