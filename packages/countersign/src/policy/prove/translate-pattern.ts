import type { PatternElem } from "@cedar-policy/cedar-wasm/nodejs";
import { str } from "./term.ts";

/** Whether a text fits a pattern. Ends and middles have functions of their own, which solvers know better than expressions. */
export function translatePattern(text: string, pattern: readonly PatternElem[]): string {
  const pieces = [""];
  for (const element of pattern) {
    if (element === "Wildcard") pieces.push("");
    else pieces[pieces.length - 1] += element.Literal;
  }
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  const says = (piece: string) => str(piece).text;
  if (last === undefined) return `(= ${text} ${says(first)})`;
  const middle = rest.filter((piece) => piece !== "");
  const [only = "", ...more] = middle;
  const ends = [
    ...(first === "" ? [] : [`(str.prefixof ${says(first)} ${text})`]),
    ...(last === "" ? [] : [`(str.suffixof ${says(last)} ${text})`]),
  ];
  if (middle.length === 0) {
    const isLong = ends.length === 2 ? [`(<= ${lengthOf(first + last)} (str.len ${text}))`] : [];
    return `(and true ${[...ends, ...isLong].join(" ")})`;
  }
  if (more.length === 0 && ends.length === 0) return `(str.contains ${text} ${says(only)})`;
  const parts = pieces.map((piece) => `(str.to_re ${says(piece)})`);
  return `(str.in_re ${text} (re.++ ${parts.join(" re.all ")}))`;
}

/** In code points, as SMT-LIB counts. */
function lengthOf(text: string): number {
  return [...text].length;
}
