import { bare, isNode, type Node, type Place } from "./syntax.ts";

/** One change of a text. */
export interface Change {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

type Operator = (place: Place, text: string) => readonly Change[];

const comparisons: { readonly [operator: string]: readonly string[] } = {
  "===": ["!=="],
  "!==": ["==="],
  "==": ["!="],
  "!=": ["=="],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
};
const arithmetic: { readonly [operator: string]: readonly string[] } = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
  "<<": [">>"],
  ">>": ["<<"],
};
const assignments: { readonly [operator: string]: string } = {
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "??=": "=",
  "||=": "&&=",
  "&&=": "||=",
};
const swaps: { readonly [method: string]: string } = {
  some: "every",
  every: "some",
  startsWith: "endsWith",
  endsWith: "startsWith",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  find: "findLast",
  findLast: "find",
  indexOf: "lastIndexOf",
  lastIndexOf: "indexOf",
  push: "unshift",
  unshift: "push",
  shift: "pop",
  pop: "shift",
  toLowerCase: "toUpperCase",
  toUpperCase: "toLowerCase",
};
const droppable = new Set(
  "sort toSorted reverse toReversed filter slice trim trimStart trimEnd toLowerCase toUpperCase normalize replace replaceAll flat concat".split(
    " ",
  ),
);
const tested = new Set(["IfStatement", "ConditionalExpression"]);
const looped = new Set(["WhileStatement", "DoWhileStatement", "ForStatement"]);

const child = (node: Node, member: string): Node | undefined => {
  const value = node[member];
  return isNode(value) ? value : undefined;
};
const textOf = (text: string, { start, end }: Node): string => text.slice(start, end);
const whole = (kind: string, { start, end }: Node, to: string): Change => ({ kind, start, end, to });

/** Conditions that are always or never met, or the other way round. */
const conditions: Operator = ({ node, parent, as }, text) => {
  if (parent === undefined || as !== "test" || node.type === "Literal") return [];
  if (looped.has(parent.type)) return [whole("condition", node, "false")];
  if (!tested.has(parent.type)) return [];
  const { type, operator } = bare(node);
  const isTurned = type === "UnaryExpression" || (type === "BinaryExpression" && String(operator) in comparisons);
  return [
    whole("condition", node, "true"),
    whole("condition", node, "false"),
    ...(isTurned ? [] : [whole("condition", node, `!(${textOf(text, node)})`)]),
  ];
};

/** Comparisons turned round or moved by one, and arithmetic. */
const operations: Operator = ({ node }, text) => {
  const [left, right] = [child(node, "left"), child(node, "right")];
  if (node.type !== "BinaryExpression" || left === undefined || right === undefined) return [];
  const operator = String(node.operator);
  const isText = [left, right].some(({ type, value }) => type === "TemplateLiteral" || typeof value === "string");
  if (operator === "+" && isText) return [];
  const at = text.indexOf(operator, left.end);
  const kind = operator in comparisons ? "comparison" : "arithmetic";
  return (comparisons[operator] ?? arithmetic[operator] ?? []).map((to) => ({
    kind,
    start: at,
    end: at + operator.length,
    to,
  }));
};

/** `&&` for `||`, and one side alone. */
const logic: Operator = ({ node }, text) => {
  const [left, right] = [child(node, "left"), child(node, "right")];
  if (node.type !== "LogicalExpression" || left === undefined || right === undefined) return [];
  const [one, other] = [textOf(text, left), textOf(text, right)];
  const swapped = { "&&": "||", "||": "&&" }[String(node.operator)];
  const isChain = left.type === "LogicalExpression" && left.operator === node.operator;
  return [
    ...(swapped === undefined ? [] : [whole("logic", node, `(${one} ${swapped} ${other})`)]),
    whole("logic", node, `(${one})`),
    ...(isChain ? [] : [whole("logic", node, `(${other})`)]),
  ];
};

const signs: Operator = ({ node }, text) => {
  const argument = child(node, "argument");
  if (argument === undefined) return [];
  if (node.type === "UnaryExpression" && (node.operator === "!" || node.operator === "-"))
    return [whole("sign", node, `(${textOf(text, argument)})`)];
  if (node.type !== "UpdateExpression") return [];
  const turned = node.operator === "++" ? "--" : "++";
  const inner = textOf(text, argument);
  return [whole("sign", node, node.prefix === true ? `${turned}${inner}` : `${inner}${turned}`)];
};

const changed: Operator = ({ node }, text) => {
  const left = child(node, "left");
  const to = assignments[String(node.operator)];
  if (node.type !== "AssignmentExpression" || left === undefined || to === undefined) return [];
  const at = text.indexOf(String(node.operator), left.end);
  return [{ kind: "assignment", start: at, end: at + String(node.operator).length, to }];
};

/** Values that were written down: truth, texts, numbers, patterns, lists, records. */
const literals: Operator = ({ node, parent, as }) => {
  switch (node.type) {
    case "Literal":
      if (as === "source" || parent?.type === "ExpressionStatement") return [];
      return literal(node).map((to) => whole("literal", node, to));
    case "TemplateLiteral":
      return parent?.type === "TaggedTemplateExpression" ? [] : [whole("literal", node, '""')];
    case "ArrayExpression":
      return (node.elements as readonly unknown[]).length === 0 ? [] : [whole("literal", node, "[]")];
    case "ObjectExpression":
      return (node.properties as readonly unknown[]).length === 0 ? [] : [whole("literal", node, "{}")];
    default:
      return [];
  }
};

function literal({ value, raw, regex, bigint }: Node): readonly string[] {
  if (typeof value === "boolean") return [String(!value)];
  if (typeof value === "string") return [value === "" ? '"mutant"' : '""'];
  if (typeof bigint === "string") return [`${BigInt(bigint) + 1n}n`, `(${BigInt(bigint) - 1n}n)`];
  // One more of a large number is a difference that nobody promises; twice as many is one.
  if (typeof value === "number")
    return value < 1_000 ? [String(value + 1), `(${value - 1})`] : [String(value * 2), String(Math.floor(value / 2))];
  if (regex === undefined || typeof raw !== "string") return [];
  const { pattern, flags } = regex as { readonly pattern: string; readonly flags: string };
  const looser = [
    ...(pattern.startsWith("^") ? [pattern.slice(1)] : []),
    ...(/(?<!\\)\$$/.test(pattern) ? [pattern.slice(0, -1)] : []),
    ...(pattern.includes("[^") ? [pattern.replace("[^", "[")] : []),
  ];
  return [
    ...looser.filter((to) => to !== "").map((to) => `/${to}/${flags}`),
    ...[..."gim"].filter((flag) => flags.includes(flag)).map((flag) => `/${pattern}/${flags.replace(flag, "")}`),
  ];
}

/** Statements that are gone, and loops that find nothing. */
const statements: Operator = ({ node }) => {
  switch (node.type) {
    case "ExpressionStatement":
      return child(node, "expression")?.type === "Literal" ? [] : [whole("removal", node, ";")];
    case "ThrowStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return [whole("removal", node, ";")];
    case "ReturnStatement":
      return node.argument === null ? [whole("removal", node, ";")] : [];
    case "ForOfStatement": {
      const right = child(node, "right");
      return right === undefined ? [] : [whole("removal", right, "[]")];
    }
    default:
      return [];
  }
};

/** What a function answers. */
const answers: Operator = ({ node, parent, as }) => {
  const isAnswer =
    (parent?.type === "ReturnStatement" && as === "argument") ||
    (parent?.type === "ArrowFunctionExpression" && as === "body" && node.type !== "BlockStatement");
  if (!isAnswer) return [];
  const { type, operator, name } = bare(node);
  if (["Literal", "TemplateLiteral", "ArrayExpression", "ObjectExpression"].includes(type) || name === "undefined")
    return [];
  const isTruth =
    (type === "BinaryExpression" && String(operator) in comparisons) ||
    (type === "UnaryExpression" && operator === "!") ||
    (type === "LogicalExpression" && operator !== "??");
  return (isTruth ? ["true", "false"] : ["undefined"]).map((to) => whole("answer", node, to));
};

const optional: Operator = ({ node }, text) => {
  const before = child(node, "object") ?? child(node, "callee");
  if (node.optional !== true || before === undefined) return [];
  const at = text.indexOf("?.", before.end);
  const to = node.type === "MemberExpression" && node.computed !== true ? "." : "";
  return [{ kind: "optional", start: at, end: at + 2, to }];
};

/** A call that is another, or that is left out of its chain. */
const calls: Operator = ({ node, parent }, text) => {
  const callee = child(node, "callee");
  if (node.type !== "CallExpression" || callee?.type !== "MemberExpression" || callee.computed === true) return [];
  const [object, property] = [child(callee, "object"), child(callee, "property")];
  if (object === undefined || property === undefined) return [];
  const name = String(property.name);
  const swapped = Object.hasOwn(swaps, name) ? swaps[name] : undefined;
  return [
    ...(swapped === undefined ? [] : [whole("call", property, swapped)]),
    ...(droppable.has(name) && parent?.type !== "ExpressionStatement"
      ? [whole("call", node, `(${textOf(text, object)})`)]
      : []),
  ];
};

export const operators: readonly Operator[] = [
  conditions,
  operations,
  logic,
  signs,
  changed,
  literals,
  statements,
  answers,
  optional,
  calls,
];
