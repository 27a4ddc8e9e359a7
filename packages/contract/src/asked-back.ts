/** Who asked the agent back, and whether it replied; undefined where nobody did. The steps say it, also where what was said is not shown. */
export function askedBackSentence(
  moves: readonly { readonly kind: string; readonly person?: string | undefined }[],
): string | undefined {
  const asked = moves.filter(({ kind }) => kind === "asked");
  const replied = moves.filter(({ kind }) => kind === "replied").length;
  if (asked.length === 0) return undefined;
  const who = [...new Set(asked.map(({ person }) => person ?? "somebody"))].join(" and ");
  const reply =
    replied === 0 ? "it did not reply" : replied === asked.length ? "it replied" : `it replied ${times(replied)}`;
  return `${who} asked its agent back ${times(asked.length)}, and ${reply}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
