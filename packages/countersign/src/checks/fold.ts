import { type Edit, editedView, rootView, type View } from "./view.ts";

const unfolded = /[^\t\n\r\x20-\x7e]/;
const unfoldedEach = /[^\t\n\r\x20-\x7e]/gu;
const invisible = /^[\p{Cf}\p{M}\p{Cc}\u115f\u1160\u3164\uffa0]$/u;
const folds = new Map<string, string>();

/**
 * Writes each character as the plain one it stands for (NFKD, so full-width and mathematical letters become ASCII) and
 * drops what cannot be seen: zero-width characters, joiners, bidi marks, tag characters, combining marks, controls.
 * INVARIANT: each code point folds on its own, so what lies inside a text also lies inside its fold.
 */
export function foldView(parent: View): View {
  const source = parent.text;
  if (!unfolded.test(source)) return parent;
  return editedView(parent, source.replace(unfoldedEach, foldPoint), 0, () => editsOf(source));
}

/** The fold of a text alone. */
export function fold(text: string): string {
  return foldView(rootView(text)).text;
}

function editsOf(source: string): Edit[] {
  const edits: Edit[] = [];
  for (const match of source.matchAll(unfoldedEach)) {
    edits.push({ from: match.index, was: match[0].length, is: foldPoint(match[0]).length });
  }
  return edits;
}

function foldPoint(point: string): string {
  const known = folds.get(point);
  if (known !== undefined) return known;
  let folded = "";
  if (/\s/u.test(point)) folded = " ";
  else for (const part of point.normalize("NFKD")) if (!invisible.test(part)) folded += part;
  if (folds.size < 8192) folds.set(point, folded);
  return folded;
}
