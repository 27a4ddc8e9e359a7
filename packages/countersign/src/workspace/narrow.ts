import { isMap, isNode, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";

export interface Scope {
  readonly name: string;
  readonly tools: readonly string[];
  readonly environments: readonly string[];
  readonly targets: readonly string[];
}

/** A workflow file without some of its tools, and with guardrails that keep others within a scope. Its comments stay. */
export function narrowWorkflow(text: string, tools: readonly string[], scopes: readonly Scope[]): string {
  const document = parseDocument(text);
  const gone = new Set(tools);
  for (const list of ["allow", "ask", "irreversible", "redact"]) {
    const found: unknown = document.get(list);
    if (isSeq(found)) dropFrom(found, gone);
  }
  const guardrails: unknown = document.get("guardrails");
  if (isSeq(guardrails)) {
    guardrails.items = guardrails.items.filter((item) => {
      const named: unknown = isMap(item) ? item.get("tools") : undefined;
      if (isSeq(named)) dropFrom(named, gone);
      // What is never called any more ends nothing.
      if (isMap(item) && gone.has(String(item.get("since")))) item.delete("since");
      // Nothing stands right after what is never called any more; what may go only after it still may not go alone.
      const before: unknown = isMap(item) && item.get("may") === "never" ? item.get("done") : undefined;
      if (isSeq(before)) dropFrom(before, gone);
      return [named, before].every((list) => !isSeq(list) || list.items.length > 0);
    });
  }
  for (const { name, ...scope } of scopes) {
    const entry = document.createNode({ use: "only-within", name, ...scope }) as YAMLMap;
    for (const member of ["tools", "environments", "targets"]) {
      const list = entry.get(member);
      if (isSeq(list)) list.flow = true;
    }
    if (scope.targets.length === 0) entry.delete("targets");
    const list: unknown = document.get("guardrails");
    if (isSeq(list)) list.add(entry);
    else document.set("guardrails", document.createNode([entry]));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function dropFrom(list: YAMLSeq, gone: ReadonlySet<string>): void {
  list.items = list.items.filter((item) => {
    const tool: unknown = isMap(item) ? item.get("tool") : isScalar(item) ? item.value : item;
    return typeof tool !== "string" || !gone.has(tool);
  });
}

/** A workflow file in which what is asked about a tool takes grants; nothing else of its text changes. */
export function takeGrants(text: string, tool: string): string {
  const asked: unknown = parseDocument(text).get("ask");
  let made = text;
  // From the end, so that what stands before keeps its place.
  for (const item of isSeq(asked) ? asked.items.toReversed() : [])
    if (isMap(item) && item.get("tool") === tool && item.get("grants") !== "production") made = withGrants(made, item);
  return made;
}

function withGrants(text: string, item: YAMLMap): string {
  const [first] = item.items;
  const last = item.items.at(-1);
  const old: unknown = item.get("grants", true);
  const put = (from: number, to: number, what: string): string => text.slice(0, from) + what + text.slice(to);
  if (isScalar(old) && old.range != null) return put(old.range[0], old.range[1], "true");
  const end = rangeOf(last?.value)?.[1] ?? rangeOf(last?.key)?.[1];
  const start = rangeOf(first?.key)?.[0];
  if (end === undefined || start === undefined) return text;
  if (item.flow === true) return put(end, end, ", grants: true");
  const line = text.indexOf("\n", end - 1);
  const at = line === -1 ? text.length : line;
  const indent = start - (text.lastIndexOf("\n", start) + 1);
  return put(at, at, `\n${" ".repeat(indent)}grants: true`);
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  return isNode(node) ? (node.range ?? undefined) : undefined;
}
