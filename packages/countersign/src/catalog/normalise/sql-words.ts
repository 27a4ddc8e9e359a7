/** What each kind of statement is called; undefined where the node is no statement. */
export function verbOf(kind: string): string | undefined {
  if (!kind.endsWith("Stmt")) return undefined;
  return verbs.find(([form]) => form.test(kind))?.[1] ?? "other";
}

const verbs: readonly (readonly [RegExp, string])[] = [
  [/^Select/, "select"],
  [/^Insert/, "insert"],
  [/^Update/, "update"],
  [/^Delete/, "delete"],
  [/^Merge/, "merge"],
  [/^Truncate/, "truncate"],
  [/^Explain/, "explain"],
  [/^VariableShow/, "show"],
  [/^VariableSet/, "set"],
  [/^Copy/, "copy"],
  [/^Call/, "call"],
  [/^Do/, "do"],
  [/^Lock/, "lock"],
  [/^(?:Grant|AlterDefaultPrivileges)/, "grant"],
  [/^(?:Drop|RemoveFunc)/, "drop"],
  [/^(?:Alter|Rename|Comment|SecLabel)/, "alter"],
  [/^(?:Create|Define|View|Index|Rule|ImportForeign|CompositeType)/, "create"],
  [/^Transaction/, "transaction"],
  [/^(?:Prepare|Execute|Deallocate)/, "prepare"],
];

/** Kinds of nodes that a query which only reads is made of; any other could do anything. */
const pureNodes = new Set(
  (
    "SelectStmt ExplainStmt VariableShowStmt RangeVar RangeSubselect RangeFunction RangeTableSample JoinExpr Alias ResTarget " +
    "ColumnRef A_Star A_Const A_Expr A_ArrayExpr A_Indices A_Indirection ParamRef FuncCall NamedArgExpr TypeCast TypeName " +
    "CollateClause SortBy WindowDef WithClause CommonTableExpr CTESearchClause CTECycleClause SubLink BoolExpr NullTest " +
    "BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr RowExpr GroupingFunc GroupingSet SQLValueFunction SetToDefault " +
    "String Integer Float Boolean BitString List DefElem"
  ).split(" "),
);

export function isPureNode(kind: string): boolean {
  return pureNodes.has(kind);
}

/** Built-in functions without an effect. All of PostgreSQL's own; a function that is not here counts as one that writes. */
const pureFunctions = new Set(
  (
    "count sum avg min max array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bool_and bool_or every " +
    "stddev stddev_pop stddev_samp variance var_pop var_samp corr mode percentile_cont percentile_disc row_number rank " +
    "dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value abs ceil ceiling floor round trunc " +
    "sign sqrt power exp ln log mod div greatest least length char_length octet_length lower upper initcap trim btrim ltrim " +
    "rtrim substr substring position strpos left right lpad rpad repeat reverse replace translate split_part concat " +
    "concat_ws format md5 sha256 encode decode to_char to_date to_number to_timestamp now date_part date_trunc age extract " +
    "make_date make_timestamp make_interval justify_days justify_hours justify_interval coalesce nullif array_length " +
    "cardinality unnest array_position array_to_string string_to_array array_append array_cat jsonb_build_object " +
    "json_build_object jsonb_build_array json_build_array jsonb_array_elements json_array_elements jsonb_array_length " +
    "json_array_length jsonb_each json_each jsonb_each_text jsonb_object_keys jsonb_extract_path jsonb_extract_path_text " +
    "jsonb_typeof to_json to_jsonb row_to_json regexp_replace regexp_match regexp_matches generate_series " +
    "generate_subscripts starts_with ascii chr overlay timezone is_normalized like_escape similar_to_escape"
  ).split(" "),
);

export function isPureFunction(name: string): boolean {
  return pureFunctions.has(name.startsWith("pg_catalog.") ? name.slice("pg_catalog.".length) : name);
}

const pureOperators = new Set(
  "= <> != < > <= >= + - * / % ^ | & # ~ || ~~ !~~ ~~* !~~* ~* !~ !~* -> ->> #> #>> @> <@ ? ?| ?& && << >>".split(" "),
);

/** Whether an expression of this kind applies one of PostgreSQL's own operators; one of a schema is somebody's own. */
export function isPureOperator(kind: string, parts: readonly string[]): boolean {
  if (
    /^AEXPR_(?:BETWEEN|NOT_BETWEEN|BETWEEN_SYM|NOT_BETWEEN_SYM|DISTINCT|NOT_DISTINCT|NULLIF|IN|LIKE|ILIKE|SIMILAR)$/.test(
      kind,
    )
  )
    return true;
  return parts.length === 1 && pureOperators.has(parts[0] ?? "");
}
