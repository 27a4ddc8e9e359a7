import { type ReachUnit, type Rule, reachUnits, type ToolsFile } from "../catalog/index.ts";
import type { Workflow } from "../workflows/index.ts";
import type { Draft, Report, Typed } from "./draft.ts";
import type { Packs } from "./provided-tools.ts";

/** A cap that nothing can count would protect nothing, and read as if it did. */
export function checkCaps(draft: Draft, workflow: Typed<Workflow>, packs: Packs | undefined, report: Report): void {
  const { source, value } = workflow;
  const granted = [...value.allow, ...value.ask.map((ask) => ask.tool)];
  const counted = granted.map((id) => countedBy(draft, id, packs));
  for (const unit of reachUnits) {
    if (value.caps[unit] === undefined || counted.some((units) => units === "unknown" || units.includes(unit)))
      continue;
    report(
      source,
      ["caps", unit],
      {
        message: `no tool of the workflow counts ${unit}, so the cap would cap nothing`,
        expected: `a tool whose rule says \`reach: { ${unit}: … }\``,
        help: "say in the tools file where a call says how much it touches",
      },
      "key",
    );
  }
}

function countedBy(draft: Draft, id: string, packs: Packs | undefined): readonly ReachUnit[] | "unknown" {
  const dot = id.indexOf(".");
  const file = draft.toolsFiles.find((one) => one.value.server === id.slice(0, dot))?.value;
  if (file === undefined) return "unknown";
  const rule = ruleIn(file, id.slice(dot + 1), packs);
  return rule === "unknown" ? rule : (Object.keys(rule?.reach ?? {}) as ReachUnit[]);
}

/** A tool's rule: the file's words over the pack's, member by member. */
export function ruleIn(file: ToolsFile, tool: string, packs: Packs | undefined): Rule | undefined | "unknown" {
  const over = own(file.tools, tool);
  if (file.pack === undefined) return over;
  const pack = packs?.get(file.pack);
  return pack === undefined ? "unknown" : { ...own(pack.tools, tool), ...over };
}

function own<T>(record: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
