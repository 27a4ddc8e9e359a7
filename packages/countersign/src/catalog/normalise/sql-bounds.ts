type Node = { readonly [member: string]: unknown };

const deepest = 50;
/** What every row has, or many rows have alike. */
const hidden = new Set(["tableoid", "xmin", "xmax", "cmin", "cmax"]);
const moments = new Set(["now", "statement_timestamp", "transaction_timestamp", "clock_timestamp"]);
const dates = new Set(["date", "timestamp", "timestamptz"]);
/** A comparison as it reads from the other side. */
const turned: { readonly [operator: string]: string } = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

interface Compared {
  readonly column: string;
  readonly operator: string;
  readonly value: unknown;
}

/**
 * Whether an update or a delete is bounded by its condition. One of the parts that must all hold compares a column of
 * the changed table with values that the statement itself gives: it equals one, is in a list of them, lies between two,
 * or is a time before one. Of alternatives each has to.
 */
export function isBounded({ whereClause, relation, fromClause, usingClause }: Node): boolean {
  const { relname, alias } = isNode(relation) ? relation : {};
  const name = isNode(alias) ? alias.aliasname : relname;
  // Where there are other tables, a column without a table's name may be one of theirs.
  const isAlone = fromClause === undefined && usingClause === undefined;
  return bounds(whereClause, { name, isAlone }, deepest);
}

interface Target {
  readonly name: unknown;
  readonly isAlone: boolean;
}

function bounds(condition: unknown, target: Target, depth: number): boolean {
  if (depth === 0) return false;
  const { boolop } = inner(condition, "BoolExpr") ?? {};
  if (boolop === "OR_EXPR") return partsOf(condition).every((part) => bounds(part, target, depth - 1));
  const all = boolop === "AND_EXPR" ? conjuncts(condition, depth) : [condition];
  const ends = all.flatMap((part) => compared(part, target) ?? []);
  const isBetween = ({ column, operator }: Compared) =>
    operator.startsWith(">") && ends.some((other) => other.column === column && other.operator.startsWith("<"));
  return (
    ends.some(
      (one) => one.operator === "=" || (one.operator.startsWith("<") && isMoment(one.value)) || isBetween(one),
    ) ||
    all.some((part) => isListed(part, target)) ||
    all.some((part) => inner(part, "BoolExpr")?.boolop === "OR_EXPR" && bounds(part, target, depth - 1))
  );
}

function conjuncts(condition: unknown, depth: number): readonly unknown[] {
  if (depth === 0 || inner(condition, "BoolExpr")?.boolop !== "AND_EXPR") return [condition];
  return partsOf(condition).flatMap((part) => conjuncts(part, depth - 1));
}

function partsOf(condition: unknown): readonly unknown[] {
  return listOf(inner(condition, "BoolExpr")?.args);
}

/** `column operator value`, from whichever side it is written. */
function compared(part: unknown, target: Target): Compared | undefined {
  const { kind, name, lexpr, rexpr } = inner(part, "A_Expr") ?? {};
  if (kind !== "AEXPR_OP" && kind !== "AEXPR_NOT_DISTINCT") return undefined;
  const operator = operatorOf(name);
  const other = turned[operator];
  if (other === undefined) return undefined;
  const left = columnOf(lexpr, target);
  if (left !== undefined) return isValue(rexpr) ? { column: left, operator, value: rexpr } : undefined;
  const right = columnOf(rexpr, target);
  return right !== undefined && isValue(lexpr) ? { column: right, operator: other, value: lexpr } : undefined;
}

/** `column in (…)`, `column = any (…)`, `column between … and …`. */
function isListed(part: unknown, target: Target): boolean {
  const { kind, name, lexpr, rexpr } = inner(part, "A_Expr") ?? {};
  if (columnOf(lexpr, target) === undefined) return false;
  const listed = listOf(inner(rexpr, "List")?.items);
  if (kind === "AEXPR_BETWEEN" || kind === "AEXPR_BETWEEN_SYM") return listed.length === 2 && listed.every(isValue);
  if (operatorOf(name) !== "=") return false;
  if (kind === "AEXPR_IN") return listed.length > 0 && listed.every(isValue);
  if (kind !== "AEXPR_OP_ANY") return false;
  const array = inner(rexpr, "A_ArrayExpr");
  return array === undefined ? isValue(rexpr) : listOf(array.elements).every(isValue);
}

function columnOf(node: unknown, { name, isAlone }: Target): string | undefined {
  const fields = listOf(inner(node, "ColumnRef")?.fields).map((field) => inner(field, "String")?.sval);
  const [table, column] = fields.length === 1 && isAlone ? [name, fields[0]] : fields;
  if (fields.length > 2 || table !== name || typeof column !== "string" || hidden.has(column)) return undefined;
  return column;
}

/** A constant, a parameter, the time, or the time less a while: nothing that a row could have a say in. */
function isValue(node: unknown): boolean {
  const cast = inner(node, "TypeCast");
  if (cast !== undefined) return isValue(cast.arg);
  const constant = inner(node, "A_Const");
  if (constant !== undefined) return constant.isnull !== true;
  return inner(node, "ParamRef") !== undefined || isMoment(node);
}

function isMoment(node: unknown): boolean {
  const cast = inner(node, "TypeCast");
  if (cast !== undefined)
    return dates.has(typeOf(cast)) && (isMoment(cast.arg) || inner(cast.arg, "ParamRef") !== undefined);
  const text = inner(node, "A_Const")?.sval;
  if (isNode(text)) return /^\d{4}-\d{2}-\d{2}/.test(String(text.sval));
  if (inner(node, "SQLValueFunction") !== undefined)
    return /^SVFOP_(?:CURRENT_DATE|(?:CURRENT|LOCAL)_?TIMESTAMP)/.test(String(inner(node, "SQLValueFunction")?.op));
  const call = inner(node, "FuncCall");
  if (call !== undefined) return call.args === undefined && moments.has(nameOf(call.funcname));
  const { kind, name, lexpr, rexpr } = inner(node, "A_Expr") ?? {};
  return kind === "AEXPR_OP" && operatorOf(name) === "-" && isMoment(lexpr) && isWhile(rexpr);
}

/** `interval '30 days'`, and none that is less than nothing: it would lead beyond the time. */
function isWhile(node: unknown): boolean {
  const cast = inner(node, "TypeCast");
  const text = inner(cast?.arg, "A_Const")?.sval;
  return (
    cast !== undefined &&
    typeOf(cast) === "interval" &&
    isNode(text) &&
    /^[\d.: a-z]+$/i.test(String(text.sval)) &&
    !/ago/i.test(String(text.sval))
  );
}

function typeOf(cast: Node): string {
  return isNode(cast.typeName) ? nameOf(cast.typeName.names) : "";
}

/** A name of PostgreSQL's own, without its schema. */
function nameOf(parts: unknown): string {
  const names = listOf(parts).map((part) => String(inner(part, "String")?.sval));
  return (names[0] === "pg_catalog" ? names.slice(1) : names).join(".");
}

function operatorOf(parts: unknown): string {
  const names = listOf(parts);
  return names.length === 1 ? String(inner(names[0], "String")?.sval) : "";
}

function inner(node: unknown, kind: string): Node | undefined {
  const found = isNode(node) ? node[kind] : undefined;
  return isNode(found) ? found : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
