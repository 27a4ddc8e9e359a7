import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLError } from "yaml";
import { type Complaint, type Path, type Place, problemAt, quoted, type WorkspaceProblem } from "./finding.ts";
import { syntaxComplaint } from "./syntax.ts";

/** A file as plain values, and where each of them stands. */
export interface SourceFile {
  readonly file: string;
  readonly value: unknown;
  /** The place of a value, or of its key; of the nearest thing around it where there is none. */
  place(path: Path, part?: "value" | "key"): Place;
}

export interface Parsed {
  readonly source?: SourceFile;
  readonly problems: readonly WorkspaceProblem[];
}

/** More syntax errors than this in one file are consequences of the first. */
const mostSyntaxProblems = 10;
const deepest = 32;
const mostNodes = 100_000;

/**
 * Reads one strict YAML 1.2 document (core schema). Refused: anchors, aliases and tags (so nothing can grow),
 * directives, a second document, duplicate keys, keys that are not text, `__proto__`, depth above 32. Never throws.
 */
export function readYaml(file: string, text: string): Parsed {
  const at = (offset: number): Place => placeAt(text, offset);
  let document: Document.Parsed;
  try {
    document = parse(text);
  } catch {
    // The parser's own bound on nesting should come first; a stack that ends is still only a bad file.
    return { problems: [problemAt(file, { line: 1, column: 1 }, [], syntaxComplaint("RESOURCE_EXHAUSTION"))] };
  }
  const syntax = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (syntax.length > 0) return { problems: syntaxProblems(file, syntax, at) };
  if (document.directives.yaml.explicit) {
    return { problems: [problemAt(file, { line: 1, column: 1 }, [], syntaxComplaint("BAD_DIRECTIVE"))] };
  }
  const problems: WorkspaceProblem[] = [];
  const walk = new Walk(text, (offset, path, complaint) => {
    if (problems.length < mostSyntaxProblems) problems.push(problemAt(file, at(offset), path, complaint));
  });
  const value = walk.plain(document.contents, []);
  if (problems.length > 0) return { problems };
  const place = (path: Path, part: "value" | "key" = "value"): Place => at(offsetOf(document.contents, path, part));
  return { source: { file, value, place }, problems };
}

/** Lines as editors count them. */
function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, Math.max(0, offset));
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - start + 1 };
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, {
    version: "1.2",
    schema: "core",
    strict: true,
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    // The parser compares every key with every other: a file of 100,000 keys would take minutes. `Walk` uses a set.
    uniqueKeys: false,
    prettyErrors: false,
    // `silent` would also hide that there is a second document.
    logLevel: "error",
  });
}

function syntaxProblems(file: string, errors: readonly YAMLError[], at: (offset: number) => Place): WorkspaceProblem[] {
  const seen = new Set<number>();
  const problems: WorkspaceProblem[] = [];
  // Whatever follows a tab is misread.
  const tabs = errors.filter((error) => error.code === "TAB_AS_INDENT");
  for (const error of tabs.length > 0 ? tabs : errors) {
    const place = at(error.pos[0]);
    if (seen.has(place.line) || problems.length >= mostSyntaxProblems) continue;
    seen.add(place.line);
    problems.push(problemAt(file, place, [], syntaxComplaint(error.code, error.message)));
  }
  return problems;
}

/** Turns nodes into plain values and complains about what the syntax allows and we do not. */
class Walk {
  readonly #complain: (offset: number, path: Path, complaint: Complaint) => void;
  readonly #text: string;
  #nodes = 0;

  constructor(text: string, complain: (offset: number, path: Path, complaint: Complaint) => void) {
    this.#text = text;
    this.#complain = complain;
  }

  plain(node: unknown, path: Path): unknown {
    if (node === null || node === undefined) return null;
    this.#nodes++;
    if (this.#nodes === mostNodes + 1)
      this.#complain(start(node), path, { message: "there are too many values", expected: `at most ${mostNodes}` });
    if (this.#nodes > mostNodes) return null;
    if (isAlias(node)) return this.#refuse(node, path, "an alias (`*name`) is not accepted", "write the value out");
    if (isNode(node) && "anchor" in node && node.anchor) {
      return this.#refuse(
        node,
        path,
        "an anchor (`&name`) is not accepted",
        "write the value out where it is needed",
        "&",
      );
    }
    if (isNode(node) && node.tag !== undefined) {
      return this.#refuse(
        node,
        path,
        "a tag (`!name`) is not accepted",
        "take it away; quote what has to be text",
        "!",
      );
    }
    if (isScalar(node)) return node.value;
    if (path.length >= deepest)
      return this.#refuse(node, path, "this is nested too deeply", `nest at most ${deepest} levels`);
    if (isSeq(node)) return node.items.map((item, index) => this.plain(item, [...path, index]));
    if (isMap(node)) return this.#map(node.items, path);
    return null;
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const { key, value } of items) {
      if (!isScalar(key) || typeof key.value !== "string") {
        this.#complain(start(key), path, { message: "this key is not text", expected: "a name, then `:`" });
        continue;
      }
      const name = key.value;
      if (key.anchor || key.tag !== undefined)
        this.#refuse(key, path, "an anchor or a tag on a key is not accepted", "take it away");
      // `__proto__` would set the prototype of the object that is being built.
      if (name === "__proto__")
        this.#complain(start(key), path, {
          message: "the key `__proto__` is never accepted",
          help: "choose another name",
        });
      else if (seen.has(name))
        this.#complain(start(key), [...path, name], {
          message: `the key ${quoted(name)} is here twice`,
          expected: "each key once",
          help: "keep one of them",
        });
      else result[name] = this.plain(value, [...path, name]);
      seen.add(name);
    }
    return result;
  }

  /** The place of an anchor or tag is its own sign, which stands before the node. */
  #refuse(node: unknown, path: Path, message: string, help: string, sign?: "&" | "!"): null {
    const found = sign === undefined ? -1 : this.#text.lastIndexOf(sign, start(node));
    const signAt = found > 0 && this.#text[found - 1] === sign ? found - 1 : found;
    this.#complain(signAt < 0 ? start(node) : signAt, path, { message, expected: "a plain value", help });
    return null;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

function start(node: unknown): number {
  return isNode(node) && node.range ? node.range[0] : 0;
}

function offsetOf(contents: unknown, path: Path, part: "value" | "key"): number {
  let node = contents;
  let offset = start(node);
  for (const [depth, step] of path.entries()) {
    if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
    } else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) return offset;
      if (part === "key" && depth === path.length - 1) return start(pair.key);
      // A key with nothing behind it has no value to point at.
      if (isScalar(pair.value) && pair.value.value === null) return start(pair.key);
      node = pair.value;
    } else return offset;
    if (node === undefined || node === null) return offset;
    offset = start(node);
  }
  return offset;
}
