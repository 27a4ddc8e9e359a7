import type { Call } from "./call.ts";

/** Where a call acts, and where that is taken from: of one that no mapping covers, which argument left it unplaced. */
export function placeSentence({
  classified,
  submission,
  tool,
}: Pick<Call, "classified" | "submission" | "tool">): string {
  const { environment, labels, target } = classified;
  if (!labels.includes("unmapped")) return `\`${target}\` is in \`${environment.name}\``;
  const why = tool.whyUnknown?.(submission.args);
  return `\`${target}\` counts as \`${environment.name}\`${why === undefined ? "" : `, because ${why}`}`;
}
