import type { CedarValueJson, Clause, Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";

type Node = { readonly [member: string]: unknown };

// How tightly each form of Cedar's grammar binds; an operand that binds less is put in parentheses.
const level = { if: 0, or: 1, and: 2, relation: 3, sum: 4, product: 5, unary: 6, member: 7 } as const;

const infix: { readonly [operator: string]: readonly [at: number, left: number, right: number] } = {
  "||": [level.or, level.or, level.and],
  "&&": [level.and, level.and, level.relation],
  "==": [level.relation, level.sum, level.sum],
  "!=": [level.relation, level.sum, level.sum],
  "<": [level.relation, level.sum, level.sum],
  "<=": [level.relation, level.sum, level.sum],
  ">": [level.relation, level.sum, level.sum],
  ">=": [level.relation, level.sum, level.sum],
  in: [level.relation, level.sum, level.sum],
  "+": [level.sum, level.sum, level.product],
  "-": [level.sum, level.sum, level.product],
  "*": [level.product, level.product, level.unary],
};
const methods = new Set(["contains", "containsAll", "containsAny", "getTag", "hasTag"]);
const constructors = new Set(["ip", "decimal", "datetime", "duration"]);

/** A syntax tree as the Cedar text that means the same. Pure: no engine is asked, so no text is ever parsed for it. */
export function renderExpression(expression: Expr): string {
  return print(expression as Node)[0];
}

/** `when { … }` or `unless { … }`. */
export function renderClause(clause: Clause): string {
  return `${clause.kind} { ${renderExpression(clause.body)} }`;
}

/** One part of a policy's head, such as `principal in Workflow::"docs"`. */
export function renderScope(name: "principal" | "action" | "resource", policy: PolicyJson): string {
  const scope = policy[name];
  if (scope.op === "All") return name;
  if (scope.op === "is") {
    const within = scope.in === undefined ? "" : ` in ${referred(scope.in)}`;
    return `${name} is ${scope.entity_type}${within}`;
  }
  if ("entities" in scope) return `${name} in [${scope.entities.map((entity) => referred({ entity })).join(", ")}]`;
  return `${name} ${scope.op} ${referred(scope)}`;
}

function referred(to: object): string {
  if (!("entity" in to)) return "slot" in to ? String(to.slot) : "?";
  const uid = to.entity as Node;
  return entity((uid.__entity ?? uid) as Node);
}

type Printed = readonly [text: string, binds: number];

function print(node: Node): Printed {
  const [[operator, body]] = Object.entries(node) as [[string, unknown]];
  const both = infix[operator];
  if (both !== undefined) {
    const [at, left, right] = both;
    const sides = body as Node;
    return [`${within(sides.left, left)} ${operator} ${within(sides.right, right)}`, at];
  }
  if (methods.has(operator)) {
    const sides = body as Node;
    return [`${within(sides.left, level.member)}.${operator}(${inner(sides.right)})`, level.member];
  }
  const write = Object.hasOwn(writers, operator) ? writers[operator as keyof typeof writers] : undefined;
  if (write !== undefined) return write(body as never);
  const args = body as readonly Node[];
  if (constructors.has(operator)) return [`${operator}(${args.map(inner).join(", ")})`, level.member];
  const [first, ...rest] = args;
  return [`${within(first, level.member)}.${operator}(${rest.map(inner).join(", ")})`, level.member];
}

const writers = {
  Value: (value: CedarValueJson): Printed => [
    valueText(value),
    typeof value === "number" && value < 0 ? level.unary : level.member,
  ],
  Var: (name: string): Printed => [name, level.member],
  Slot: (name: string): Printed => [name, level.member],
  "!": ({ arg }: Node): Printed => [`!${within(arg, level.member)}`, level.unary],
  neg: ({ arg }: Node): Printed => [`-${within(arg, level.member)}`, level.unary],
  isEmpty: ({ arg }: Node): Printed => [`${within(arg, level.member)}.isEmpty()`, level.member],
  ".": ({ left, attr }: Node): Printed => {
    const name = String(attr);
    return [`${within(left, level.member)}${isName(name) ? `.${name}` : `[${text(name)}]`}`, level.member];
  },
  has: ({ left, attr }: Node): Printed => {
    const way = Array.isArray(attr) ? attr.map(String) : [String(attr)];
    if (way.every(isName)) return [`${within(left, level.sum)} has ${way.join(".")}`, level.relation];
    // A way with a name that is none has no short form.
    const steps = way.map((name, at): Node => {
      const before = way
        .slice(0, at)
        .reduce((inside, step): Node => ({ ".": { left: inside, attr: step } }), left as Node);
      return { has: { left: before, attr: name } };
    });
    if (steps.length === 1) return [`${within(left, level.sum)} has ${text(way.join())}`, level.relation];
    return print(steps.reduce((one, other): Node => ({ "&&": { left: one, right: other } })));
  },
  like: ({ left, pattern }: Node): Printed => [
    `${within(left, level.sum)} like ${patternText(pattern as never)}`,
    level.relation,
  ],
  is: (node: Node): Printed => {
    const where = node.in === undefined ? "" : ` in ${within(node.in, level.sum)}`;
    return [`${within(node.left, level.sum)} is ${String(node.entity_type)}${where}`, level.relation];
  },
  "if-then-else": (node: Node): Printed => [
    `if ${inner(node.if)} then ${inner(node.then)} else ${inner(node.else)}`,
    level.if,
  ],
  Set: (items: readonly Node[]): Printed => [`[${items.map(inner).join(", ")}]`, level.member],
  Record: (members: Node): Printed => [
    `{${Object.entries(members)
      .map(([name, value]) => `${text(name)}: ${inner(value)}`)
      .join(", ")}}`,
    level.member,
  ],
} satisfies { readonly [operator: string]: (body: never) => Printed };

function inner(node: unknown): string {
  return print(node as Node)[0];
}

function within(node: unknown, least: number): string {
  const [written, binds] = print(node as Node);
  return binds < least ? `(${written})` : written;
}

function valueText(value: CedarValueJson): string {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const node = value as Node;
  if (isNode(node.__entity)) return entity(node.__entity);
  if (isNode(node.__extn)) {
    const { fn, arg, args } = node.__extn as { fn: string; arg?: CedarValueJson; args?: readonly CedarValueJson[] };
    return `${fn}(${(args ?? (arg === undefined ? [] : [arg])).map(valueText).join(", ")})`;
  }
  const members = Object.entries(node).map(([name, held]) => `${text(name)}: ${valueText(held as CedarValueJson)}`);
  return `{${members.join(", ")}}`;
}

function entity({ type, id }: Node): string {
  return `${String(type)}::${text(String(id))}`;
}

const words = new Set(["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"]);

function isName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !words.has(name);
}

const escapes: { readonly [character: string]: string } = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\0": "\\0",
};

function escaped(raw: string): string {
  return [...raw]
    .map(
      (one) =>
        escapes[one] ??
        (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(one) ? `\\u{${Number(one.codePointAt(0)).toString(16)}}` : one),
    )
    .join("");
}

function text(raw: string): string {
  return `"${escaped(raw)}"`;
}

function patternText(pattern: readonly ("Wildcard" | { readonly Literal: string })[]): string {
  const parts = pattern.map((part) => (part === "Wildcard" ? "*" : escaped(part.Literal).replaceAll("*", "\\*")));
  return `"${parts.join("")}"`;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
