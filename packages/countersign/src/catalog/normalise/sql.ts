import { type Normaliser, setOf, Unclean } from "./shape.ts";
import { isBounded } from "./sql-bounds.ts";
import { parseSql } from "./sql-parser.ts";
import { changesRights, holdsRights } from "./sql-rights.ts";
import { isPureFunction, isPureNode, isPureOperator, verbOf } from "./sql-words.ts";

const longest = 32_768;
const mostTokens = 4_000;
const deepest = 100;

type Node = { readonly [member: string]: unknown };

interface Step {
  readonly node: unknown;
  /** What the tree calls the node; empty where only the member that holds it says what it is. */
  readonly kind: string;
  /** Names that stand for a query of this statement and for no table. */
  readonly named: ReadonlySet<string>;
  /** Every table below counts as changed, as in a statement that is no query. */
  readonly changes: boolean;
}

class Found {
  readonly verbs = new Set<string>();
  readonly tables = new Set<string>();
  readonly written = new Set<string>();
  readonly functions = new Set<string>();
  writes = false;
  bounded = true;
  permissions = false;
}

/** SQL in PostgreSQL's own grammar: what every statement in it does, also one inside another. */
export const sql: Normaliser = {
  takes: ["string"],
  shape: {
    verbs: "texts",
    tables: "texts",
    written: "texts",
    functions: "texts",
    writes: "boolean",
    bounded: "boolean",
    permissions: "boolean",
    count: "long",
  },
  read(value) {
    if (typeof value !== "string") throw new Unclean("it is no text");
    const statements = statementsOf(value);
    const found = new Found();
    walk(statements, found);
    return {
      verbs: setOf(found.verbs),
      tables: setOf(found.tables),
      written: setOf(found.written),
      functions: setOf(found.functions),
      writes: found.writes,
      bounded: found.bounded,
      permissions: found.permissions,
      count: statements.length,
    };
  },
};

function statementsOf(text: string): readonly unknown[] {
  // The parser stops at a NUL, and a server would not.
  if (text.length > longest || !text.isWellFormed() || /[^\t\n\r\x20-\x7e\u00a0-\uffff]|\p{Cf}/u.test(text))
    throw new Unclean("it is too long, or holds characters that cannot be seen");
  if ((text.match(/\w+|[^\s\w]/g) ?? []).length > mostTokens || nesting(text) > deepest)
    throw new Unclean("it is too large, or nested too deeply");
  const tree = parseSql(text);
  const statements = isNode(tree) && Array.isArray(tree.stmts) ? tree.stmts : [];
  if (statements.length === 0) throw new Unclean("there is no statement in it");
  return statements.map((one: unknown) => (isNode(one) ? one.stmt : undefined));
}

function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (const char of text) {
    if (char === "(" || char === "[") most = Math.max(most, ++depth);
    else if (char === ")" || char === "]") depth--;
  }
  return most;
}

/** One pass over the trees with a stack of its own: no depth of theirs can end ours. */
function walk(statements: readonly unknown[], found: Found): void {
  const stack: Step[] = statements.map((node) => ({ node, kind: "", named: none, changes: false }));
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { node } = step;
    if (Array.isArray(node)) for (const one of node) stack.push({ ...step, node: one, kind: "" });
    else if (isNode(node)) for (const next of look(node, step, found)) stack.push(next);
  }
}

const none: ReadonlySet<string> = new Set();
const modifying = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

/** Notes what a node is, and gives the nodes in it. */
function* look(node: Node, step: Step, found: Found): Generator<Step> {
  const { kind } = step;
  note(kind, node, found);
  if (typeof node.relname === "string") table(node, step, found);
  const verb = verbOf(kind);
  const named = scopeOf(node, step.named);
  const changes = step.changes || (verb !== undefined && !isPureNode(kind) && !modifying.has(kind));
  for (const [member, inner] of Object.entries(node)) {
    if (typeof inner !== "object" || inner === null) continue;
    if (member === "withClause") yield* queriesOf(inner, step.named, changes);
    // INVARIANT: what is changed is a table, also where a query of the same name is in scope.
    else if (member === "intoClause" || member === "into" || (modifying.has(kind) && member === "relation"))
      yield { node: inner, kind: "", named: none, changes: true };
    else yield { node: inner, kind: kindOf(member), named, changes };
  }
}

/** A node stands under its kind, which begins with a capital; halves of a union stand under their member alone. */
function kindOf(member: string): string {
  if (/^[A-Z]/.test(member)) return member;
  return member === "larg" || member === "rarg" ? "SelectStmt" : "";
}

function note(kind: string, node: Node, found: Found): void {
  const verb = verbOf(kind);
  if (verb !== undefined) found.verbs.add(verb);
  if (kind !== "" && !isPureNode(kind)) found.writes = true;
  if (changesRights(kind, node)) found.permissions = true;
  if (node.lockingClause !== undefined) found.writes = true;
  if (node.intoClause !== undefined) {
    found.writes = true;
    found.verbs.add("create");
  }
  if (kind === "FuncCall") call(node, found);
  if (kind === "A_Expr" && !isPureOperator(String(node.kind), texts(node.name))) found.writes = true;
  if (kind === "DropStmt") dropped(node, found);
  if (kind === "TruncateStmt" || kind === "MergeStmt") found.bounded = false;
  if ((kind === "UpdateStmt" || kind === "DeleteStmt") && !isBounded(node)) found.bounded = false;
}

/** What the names of a `with` stand for, in the statement that it belongs to. */
function scopeOf(node: Node, named: ReadonlySet<string>): ReadonlySet<string> {
  const names = ctesOf(node.withClause).map((query) => query.ctename);
  return names.length === 0 ? named : new Set([...named, ...names.filter((name) => typeof name === "string")]);
}

/** A query of a `with` sees those before it, or all of them where they are recursive. */
function* queriesOf(clause: object, named: ReadonlySet<string>, changes: boolean): Generator<Step> {
  const queries = ctesOf(clause);
  const recursive = "recursive" in clause && clause.recursive === true;
  const seen = new Set(named);
  const all = scopeOf({ withClause: clause }, named);
  for (const query of queries) {
    yield { node: query, kind: "CommonTableExpr", named: recursive ? all : new Set(seen), changes };
    if (typeof query.ctename === "string") seen.add(query.ctename);
  }
}

function ctesOf(clause: unknown): readonly Node[] {
  if (!isNode(clause) || !Array.isArray(clause.ctes)) return [];
  return clause.ctes.map((one: unknown) => (isNode(one) && isNode(one.CommonTableExpr) ? one.CommonTableExpr : {}));
}

function table(node: Node, { named, changes }: Pick<Step, "named" | "changes">, found: Found): void {
  const parts = [node.catalogname, node.schemaname, node.relname].filter((part) => part !== undefined).map(identifier);
  const name = parts.join(".");
  if (parts.length === 1 && named.has(name)) return;
  found.tables.add(name);
  if (!changes) return;
  found.written.add(name);
  found.writes = true;
  if (holdsRights(name)) found.permissions = true;
}

function call(node: Node, found: Found): void {
  const name = texts(node.funcname).map(identifier).join(".");
  found.functions.add(name);
  // What a function of somebody's own does cannot be known from here.
  if (!isPureFunction(name)) found.writes = true;
}

function dropped(node: Node, found: Found): void {
  for (const one of Array.isArray(node.objects) ? node.objects : []) {
    const items: unknown = isNode(one) && isNode(one.List) ? one.List.items : undefined;
    const name = texts(items).map(identifier).join(".");
    if (name === "") continue;
    found.tables.add(name);
    found.written.add(name);
  }
}

/** The texts of a list of `String` nodes. */
function texts(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => (isNode(one) && isNode(one.String) ? [String(one.String.sval)] : []));
}

/** A name that joins with others by dots and stays the same names. */
function identifier(name: unknown): string {
  if (typeof name !== "string" || !/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/.test(name))
    throw new Unclean("it has a name that only quotes can hold");
  return name;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
