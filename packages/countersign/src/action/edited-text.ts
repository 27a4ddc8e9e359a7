import type { Json, JsonObject, TextEdits } from "@countersign/contract";

/** The text as these edits leave it, or why that cannot be said for certain. */
export function editedText(
  before: string,
  args: JsonObject,
  { argument, from, to }: TextEdits,
): string | { readonly why: string } {
  const edits = args[argument];
  if (!Array.isArray(edits)) return { why: `\`${argument}\` is no list of edits` };
  // How a server treats other ends of lines than its own is its own affair.
  if (before.includes("\r")) return { why: "the text before has line ends that a server may change" };
  let text = before;
  for (const edit of edits as readonly Json[]) {
    const [old, now] = [member(edit, from), member(edit, to)];
    if (old === undefined || now === undefined || old === "") return { why: "one of its edits is no pair of texts" };
    // INVARIANT: an edit is told only where it can mean one thing: its text stands there once, and no `$` stands for more.
    const at = text.indexOf(old);
    if (at === -1) return { why: "a text that it replaces does not stand in what is there now" };
    if (text.indexOf(old, at + 1) !== -1) return { why: "a text that it replaces stands there more than once" };
    if (now.includes("$") || now.includes("\r"))
      return { why: "a new text has signs that a server may read in its own way" };
    text = text.slice(0, at) + now + text.slice(at + old.length);
  }
  return text;
}

function member(edit: Json, name: string): string | undefined {
  if (typeof edit !== "object" || edit === null || Array.isArray(edit)) return undefined;
  const value = (edit as JsonObject)[name];
  return typeof value === "string" ? value : undefined;
}
