import { parseSync } from "oxc-parser";

/** One node of a parsed file; positions in characters. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

export interface Place {
  readonly node: Node;
  readonly parent: Node | undefined;
  /** The member of the parent that holds the node. */
  readonly as: string;
}

const typesOnly = new Set([
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "implements",
  "superTypeArguments",
]);
const wrappers = new Set(["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"]);
const names = new Set(["ImportDeclaration", "ExportAllDeclaration", "ExportSpecifier"]);

/** Undefined where the text is no TypeScript. */
export function parsed(text: string): Node | undefined {
  const { program, errors } = parseSync("file.ts", text, { lang: "ts", sourceType: "module" });
  return errors.length > 0 ? undefined : (program as unknown as Node);
}

/** Every node that runs, outermost first: no types, no imports, no names of members. */
export function placesOf(program: Node): readonly Place[] {
  const found: Place[] = [];
  const walk = (node: Node, parent: Node | undefined, as: string): void => {
    if ((node.type.startsWith("TS") && !wrappers.has(node.type)) || names.has(node.type)) return;
    found.push({ node, parent, as });
    for (const [member, value] of Object.entries(node)) {
      if (typesOnly.has(member) || (member === "key" && node.computed !== true)) continue;
      for (const inner of Array.isArray(value) ? value : [value]) if (isNode(inner)) walk(inner, node, member);
    }
  };
  walk(program, undefined, "");
  return found;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The node without the parentheses around it. */
export function bare(node: Node): Node {
  return node.type === "ParenthesizedExpression" && isNode(node.expression) ? bare(node.expression) : node;
}
