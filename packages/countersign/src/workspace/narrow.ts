import { isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";

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
  for (const list of ["allow", "ask", "irreversible"]) {
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

/** A workflow file in which what is asked about a tool takes grants. Its comments stay. */
export function takeGrants(text: string, tool: string): string {
  const document = parseDocument(text);
  const asked: unknown = document.get("ask");
  for (const item of isSeq(asked) ? asked.items : [])
    if (isMap(item) && item.get("tool") === tool && item.get("grants") !== "production") item.set("grants", true);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
