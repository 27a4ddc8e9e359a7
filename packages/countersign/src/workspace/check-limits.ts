import type { Workflow } from "../workflows/index.ts";
import { countedBy } from "./check-caps.ts";
import type { Draft, Report, Typed } from "./draft.ts";
import type { WorkspaceFiles } from "./files.ts";
import { type Complaint, type Path, problemAt, quoted, unknownName, type WorkspaceProblem } from "./finding.ts";
import type { Packs } from "./provided-tools.ts";
import { readYaml } from "./yaml.ts";

type Schema = { readonly [member: string]: unknown };

/** Limits whose parameters do not agree, or that add up what a tool does not count: each of its calls would be refused. */
export function checkLimits(draft: Draft, workflow: Typed<Workflow>, packs: Packs | undefined, report: Report): void {
  const { source, value } = workflow;
  for (const [index, entry] of value.guardrails.entries()) {
    if (!("across" in entry || "per" in entry)) continue;
    const path: Path = ["guardrails", index];
    if (
      "across" in entry &&
      entry.across !== undefined &&
      ["workflow", "workspace", "agent", "run"].includes(entry.per)
    )
      report(source, [...path, "across"], {
        message: `what is counted per ${entry.per} is not in several workflows`,
        expected: "`per: workspace` alone, or `across` beside `person`, `target` or an argument",
      });
    if (entry.use === "refund-limits" && entry.per !== "workflow" && entry.perDay === undefined)
      report(source, [...path, "per"], {
        message: "nothing is counted without `perDay`",
        expected: "an amount under `perDay`",
      });
    if (entry.use !== "object-limit") continue;
    const { argument, counts: unit, tools } = entry;
    if ((argument === undefined) === (unit === undefined))
      report(source, [...path, unit === undefined ? "use" : "counts"], {
        message: unit === undefined ? "it does not say what is counted" : "it says twice what is counted",
        expected: "one of `argument` and `counts`",
      });
    if (unit === undefined) continue;
    for (const [at, tool] of tools.entries()) {
      const counted = countedBy(draft, tool, packs);
      if (counted === "unknown" || counted.units.includes(unit)) continue;
      report(source, [...path, "tools", at], {
        message: `${quoted(tool)} does not count ${unit}, so each of its calls would be refused`,
        expected: `a tool whose rule says \`reach: { ${unit}: … }\``,
        help: "say in the tools file where a call says how much it touches",
      });
    }
  }
}

/** Scopes that name an argument which the reviewed tools do not take, or take as more than one value. */
export function checkScopes(
  files: WorkspaceFiles,
  schemaOf: (server: string, tool: string) => Schema | undefined,
): readonly WorkspaceProblem[] {
  const problems: WorkspaceProblem[] = [];
  for (const [file, text] of Object.entries(files)) {
    if (!/^workflows\/[^/]+\.yaml$/.test(file) || !text.includes("args.")) continue;
    const { source } = readYaml(file, text);
    const guardrails = membersOf(source?.value)?.guardrails;
    if (source === undefined || !Array.isArray(guardrails)) continue;
    for (const [index, entry] of guardrails.entries()) {
      const { per, tools } = membersOf(entry) ?? {};
      if (typeof per !== "string" || !per.startsWith("args.") || !Array.isArray(tools)) continue;
      const path: Path = ["guardrails", index, "per"];
      for (const tool of tools.map(String)) {
        const dot = tool.indexOf(".");
        const schema = schemaOf(tool.slice(0, dot), tool.slice(dot + 1));
        const complaint = schema === undefined ? undefined : unknownScope(tool, per.slice("args.".length), schema);
        if (complaint !== undefined) problems.push(problemAt(file, source.place(path), path, complaint));
      }
    }
  }
  return problems;
}

function unknownScope(tool: string, name: string, schema: Schema): Complaint | undefined {
  const properties = membersOf(schema.properties) ?? {};
  if (Object.hasOwn(properties, name)) return undefined;
  return {
    ...unknownName("argument", name, Object.keys(properties)),
    message: `${quoted(tool)} takes no argument ${quoted(name)}, so each of its calls would be refused`,
  };
}

function membersOf(value: unknown): Schema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
}
