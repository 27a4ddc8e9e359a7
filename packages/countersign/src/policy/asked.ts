/** Whom an approval's `from` means, in words: a group, the DRI, or one person by their address. */
export function askedWords(from: string): string {
  if (from === "dri") return "the DRI or who stands in";
  return from.includes("@") ? `\`${from}\`` : `group \`${from}\``;
}
