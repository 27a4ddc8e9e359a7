import { minorDigits, type ReachUnit, type Rule, reachUnits, type ToolsFile } from "../catalog/index.ts";
import type { Workflow } from "../workflows/index.ts";
import type { Draft, Report, Typed } from "./draft.ts";
import { type Path, quoted } from "./finding.ts";
import type { Packs } from "./provided-tools.ts";

/** A cap that nothing can count would protect nothing, and read as if it did. */
export function checkCaps(draft: Draft, workflow: Typed<Workflow>, packs: Packs | undefined, report: Report): void {
  const { source, value } = workflow;
  const granted = [
    ...value.allow.map((tool, index) => ({ tool, path: ["allow", index] as Path })),
    ...value.ask.map(({ tool }, index) => ({ tool, path: ["ask", index, "tool"] as Path })),
  ].map((one) => ({ ...one, counted: countedBy(draft, one.tool, packs) }));
  const currency = value.caps.money?.currency;
  if (currency !== undefined && minorDigits(currency) === undefined)
    report(source, ["caps", "money"], {
      message: `${quoted(currency)} is no currency that amounts are read in, so every call would be refused`,
      expected: "a code of ISO 4217, such as `EUR`",
    });
  for (const unit of reachUnits) {
    if (value.caps[unit] === undefined) continue;
    const expected = `a tool whose rule says \`reach: { ${unit}: … }\``;
    if (!granted.some(({ counted }) => counted === "unknown" || counted.units.includes(unit))) {
      const message = `no tool of the workflow counts ${unit}, so the cap would cap nothing`;
      const help = "say in the tools file where a call says how much it touches";
      report(source, ["caps", unit], { message, expected, help }, "key");
      continue;
    }
    for (const { tool, path, counted } of granted) {
      if (counted === "unknown" || counted.verb === "read" || counted.units.includes(unit)) continue;
      const message = `the cap on ${unit} does not hold for ${quoted(tool)}, which does not count it`;
      report(source, path, { message, expected, severity: "warning" });
    }
  }
}

interface Counted {
  readonly verb: Rule["verb"];
  readonly units: readonly ReachUnit[];
}

export function countedBy(draft: Draft, id: string, packs: Packs | undefined): Counted | "unknown" {
  const dot = id.indexOf(".");
  const file = draft.toolsFiles.find((one) => one.value.server === id.slice(0, dot))?.value;
  const rule = file === undefined ? "unknown" : ruleIn(file, id.slice(dot + 1), packs);
  if (rule === "unknown") return rule;
  return { verb: rule?.verb, units: Object.keys(rule?.reach ?? {}) as ReachUnit[] };
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
