import type { Unknown } from "@countersign/client";

/** What a person is asked about a call that never answered. */
export function question({ server, tool, target }: Pick<Unknown, "server" | "tool" | "target">): string {
  const on = target === "" || target === `${server}.${tool}` ? "" : ` on \`${target}\``;
  return `Did \`${server}.${tool}\`${on} happen?`;
}
