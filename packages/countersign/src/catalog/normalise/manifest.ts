import type { Json } from "@countersign/contract";
import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, type Scalar } from "yaml";
import { Unclean } from "./shape.ts";

const longest = 131_072;
const deepest = 64;
/** Lines and marks that could begin a node. Counted before anything is parsed. */
const mostMarks = 10_000;

/** Plain words that YAML 1.1 reads as something else than text; Kubernetes reads 1.1, and the core schema of 1.2 does not. */
const otherwise =
  /^(?:y|n|yes|no|on|off|true|false|null|~|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[-+]?0[0-9_]+|[-+]?0[box][0-9a-f_]+|[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|[-+]?\.(?:inf|nan)|\.nan|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|=|<<)$/i;

/** A plain scalar that two versions of YAML read differently; it is no text, no number and no truth value. */
export const ambiguous = "\u0000ambiguous";

/**
 * Every document of a YAML text, as plain values. Refused: aliases, anchors and tags (so nothing can grow), directives,
 * duplicate and merge keys, and whatever splits into documents otherwise for another reader.
 */
export function manifest(text: string): readonly Json[] {
  if (text.length > longest || marks(text) > mostMarks) throw new Unclean("it is too large");
  if (
    !text.isWellFormed() ||
    /[^\t\n\r\x20-\x7e\u00a0-\u2027\u202f-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(plane(text))
  )
    throw new Unclean("it holds characters that cannot stand in YAML");
  if (/\r(?!\n)|\t/.test(text)) throw new Unclean("its lines end or begin in a way that readers disagree on");
  if (/^(?:---[^\n]*\S|\.\.\.|%)/m.test(text.replace(/^---[ \r]*(?: #[^\n]*)?$/gm, "")))
    throw new Unclean("its documents are not separated by plain `---` lines");
  if (nesting(text) > deepest) throw new Unclean("it is nested too deeply");
  const documents = parseAllDocuments(text, { version: "1.2", schema: "core", uniqueKeys: false, prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    if (document.errors.length > 0 || document.warnings.length > 0) throw new Unclean("it is no YAML");
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) return [];
    return [plain(contents as ParsedNode, deepest)];
  });
}

/** Characters beyond the basic plane stand for one that is allowed: they are, but for those that cannot be seen. */
function plane(text: string): string {
  return text.replace(/[\u{10000}-\u{10ffff}]/gu, "x");
}

function marks(text: string): number {
  let found = 0;
  for (const char of text) if ("\n,[{".includes(char)) found++;
  return found;
}

/** How deep brackets and indentation could go, at most: a bound that costs one pass. */
function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (const char of text) {
    if (char === "[" || char === "{") most = Math.max(most, ++depth);
    else if (char === "]" || char === "}") depth = Math.max(0, depth - 1);
    else if (char === "\n") depth = 0;
  }
  // `- - - -` and `? ? ?` nest on one line.
  const marks = /^(?:[ ]*[-?:](?=[ ])){65,}/m.test(text) ? deepest + 1 : 0;
  return Math.max(most, marks);
}

function plain(node: ParsedNode | null, depth: number): Json {
  if (node === null) return null;
  if (depth === 0) throw new Unclean("it is nested too deeply");
  if (isAlias(node) || node.anchor !== undefined || node.tag !== undefined)
    throw new Unclean("it has anchors, aliases or tags");
  if (isScalar(node)) return scalar(node);
  if (isSeq(node)) return node.items.map((item) => plain(item as ParsedNode | null, depth - 1));
  if (!isMap(node)) throw new Unclean("it is no YAML");
  const members = new Map<string, Json>();
  for (const { key, value } of node.items) {
    const name = isScalar(key) && key.anchor === undefined && key.tag === undefined ? scalar(key) : undefined;
    if (typeof name !== "string" || name === "<<" || name === "__proto__" || name === ambiguous)
      throw new Unclean("it has a key that is no plain text");
    if (members.has(name)) throw new Unclean("it has a key twice");
    members.set(name, plain(value as ParsedNode | null, depth - 1));
  }
  return Object.fromEntries(members);
}

function scalar(node: Scalar): Json {
  const { value, type, source = "" } = node;
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return type === "PLAIN" && otherwise.test(value) ? ambiguous : value;
  if (typeof value === "number" && /^(?:0|-?[1-9][0-9]{0,14})$/.test(source)) return value;
  return ambiguous;
}
