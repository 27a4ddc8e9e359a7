import { isNode, type Node, parsed, placesOf } from "./syntax.ts";

/** A place where a file notes that it was reached, and the part of the text that it stands for. */
export interface Point {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** `statement`: noted before it. `lone`: a statement without a block around it. `answer`: the body of an arrow function. */
  readonly how: "statement" | "lone" | "answer" | "none";
}

const lists = new Set(["Program", "BlockStatement", "SwitchCase", "StaticBlock", "FunctionBody"]);
const silent = /^(?:Import|ExportAll|TS|FunctionDeclaration$|EmptyStatement$)/;

/** Outermost first. A function as a whole counts as reached where its first statement is. */
export function pointsOf(program: Node): readonly Point[] {
  const points: Point[] = [];
  const places = placesOf(program);
  const holders = new Map(
    places.flatMap(({ node }) => (/Function/.test(node.type) ? [[node.body, node] as const] : [])),
  );
  for (const { node, parent, as } of places) {
    if (parent === undefined) continue;
    const at = { from: node.start, to: node.end };
    if (lists.has(parent.type) && (as === "body" || as === "consequent") && isStatement(node)) {
      points.push({ id: points.length, ...at, how: "statement" });
      // The function whose first statement this is.
      const holder = (parent.body as readonly unknown[] | undefined)?.[0] === node ? holders.get(parent) : undefined;
      if (holder !== undefined) points.push({ id: points.length - 1, from: holder.start, to: holder.end, how: "none" });
    } else if (isLone(node, parent, as)) points.push({ id: points.length, ...at, how: "lone" });
    else if (parent.type === "ArrowFunctionExpression" && as === "body" && !lists.has(node.type)) {
      points.push({ id: points.length, ...at, how: "answer" });
      points.push({ id: points.length - 1, from: parent.start, to: parent.end, how: "none" });
    }
  }
  return points;
}

function isStatement(node: Node): boolean {
  if (node.type === "ExportNamedDeclaration") return isNode(node.declaration) && !silent.test(node.declaration.type);
  return !silent.test(node.type) && /(?:Statement|Declaration)$/.test(node.type);
}

function isLone({ type }: Node, parent: Node, as: string): boolean {
  if (type === "BlockStatement" || type === "EmptyStatement") return false;
  if (parent.type === "IfStatement") return as === "consequent" || as === "alternate";
  return /^(?:For|While|DoWhile)/.test(parent.type) && as === "body";
}

/** The text, noting each point with `noted(id)`; lines stay where they are. */
export function withNotes(text: string, noted: (id: number) => string): string {
  const program = parsed(text);
  if (program === undefined) throw new Error("the text cannot be parsed");
  const put: { readonly at: number; readonly order: number; readonly text: string }[] = [];
  for (const { id, from, to, how } of pointsOf(program)) {
    if (how === "none") continue;
    const [before, after] = {
      statement: [`${noted(id)};`, ""],
      lone: [`{${noted(id)};`, "}"],
      answer: [`(${noted(id)},`, ")"],
    }[how] as [string, string];
    put.push({ at: from, order: put.length, text: before });
    if (after !== "") put.push({ at: to, order: -put.length, text: after });
  }
  put.sort((one, other) => one.at - other.at || one.order - other.order);
  let [written, done] = ["", 0];
  for (const { at, text: piece } of put) {
    written += text.slice(done, at) + piece;
    done = at;
  }
  return written + text.slice(done);
}
