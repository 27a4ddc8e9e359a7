import { quote } from "./quote.ts";

/**
 * A member's name as it is written, with what stands around it: quotes of texts are written with the names between
 * them, so that a text is put together from half as many pieces.
 */
export interface Label {
  /** `,"name":` */
  readonly text: string;
  /** `,"name":"` */
  readonly thenText: string;
  /** `","name":` */
  readonly closing: string;
  /** `","name":"` */
  readonly closingThenText: string;
}

/** How objects are written that have these names in this order. */
export interface Shape {
  readonly names: readonly string[];
  /** By UTF-16 code units, as RFC 8785 section 3.2.3 asks. */
  readonly sorted: readonly string[];
  readonly labels: readonly Label[];
}

// The same few shapes and names come again and again; what others send fills what is kept once, and it begins anew.
const shapes = new Map<string, Shape[]>();
const firstLabels = new Map<string, Label>();
const labels = new Map<string, Label>();
const mostKept = 1_000;
/** Of all shapes together: what others send takes some megabytes at most. */
const mostNamesKept = 16_000;
let namesKept = 0;
const mostAlike = 8;
const mostNames = 64;
const longestName = 64;

/** Of an object's names, of which there is one at least. */
export function shapeOf(names: readonly string[]): Shape {
  const first = names[0] as string;
  const alike = shapes.get(first);
  const known = alike === undefined ? undefined : withNames(alike, names);
  if (known !== undefined) return known;
  const sorted = [...names].sort();
  const shape = { names, sorted, labels: sorted.map((name, at) => labelOf(name, at === 0)) };
  if (names.length > mostNames || names.some((name) => name.length > longestName)) return shape;
  namesKept += names.length;
  if (namesKept > mostNamesKept) {
    shapes.clear();
    namesKept = names.length;
  }
  const kept = shapes.get(first);
  if (kept !== undefined && kept.length < mostAlike) kept.push(shape);
  else keep(shapes, first, [shape]);
  return shape;
}

function withNames(alike: readonly Shape[], names: readonly string[]): Shape | undefined {
  for (const shape of alike) if (isSame(shape.names, names)) return shape;
  return undefined;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = one.length - 1; at > 0; at--) if (one[at] !== other[at]) return false;
  return true;
}

function labelOf(name: string, isFirst: boolean): Label {
  const kept = isFirst ? firstLabels : labels;
  const known = kept.get(name);
  if (known !== undefined) return known;
  const text = `${isFirst ? "{" : ","}${quote(name)}:`;
  const label = { text, thenText: `${text}"`, closing: `"${text}`, closingThenText: `"${text}"` };
  if (name.length <= longestName) keep(kept, name, label);
  return label;
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  if (kept.size >= mostKept) kept.clear();
  kept.set(key, value);
}
