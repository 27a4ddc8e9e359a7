import type { PatternElem } from "@cedar-policy/cedar-wasm/nodejs";

/** Whether a text fits a pattern of `like`. In time linear to the text for each piece: a hostile text costs nothing more. */
export function matcher(pattern: readonly PatternElem[]): (text: string) => boolean {
  const pieces = [""];
  for (const element of pattern) {
    if (element === "Wildcard") pieces.push("");
    else pieces[pieces.length - 1] += element.Literal;
  }
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}
