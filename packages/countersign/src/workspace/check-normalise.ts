import { normalisers, type Rule, type ToolsFile, type Wanted, wantedBy, wantedOf } from "../catalog/index.ts";
import { ruleIn } from "./check-caps.ts";
import type { Report, Typed } from "./draft.ts";
import type { WorkspaceFiles } from "./files.ts";
import { type Complaint, type Path, problemAt, unknownName, type WorkspaceProblem } from "./finding.ts";
import type { Packs } from "./provided-tools.ts";
import { readYaml } from "./yaml.ts";

type Schema = { readonly [member: string]: unknown };

/** What a rule counts by the name of a parsed value has to be such a value. */
export function checkReach({ source, value }: Typed<ToolsFile>, packs: Packs | undefined, report: Report): void {
  for (const tool of Object.keys(value.tools)) {
    const rule = ruleIn(value, tool, packs);
    if (rule === undefined || rule === "unknown") continue;
    const parsed = wantedBy(rule);
    for (const [unit, place] of Object.entries(rule.reach ?? {})) {
      if (typeof place === "string" && place.startsWith("before.") && !captures(rule))
        report(source, ["tools", tool, "reach", unit], {
          message: "nothing is read before a call of this tool, so what stands there can never be counted",
          expected: "a `reversal` of kind `inverse` with a `capture`",
        });
      const name = typeof place === "string" && place.startsWith("parsed.") ? place.split(".")[1] : undefined;
      if (name === undefined) continue;
      const path = ["tools", tool, "reach", unit];
      const kind = Object.hasOwn(parsed, name) ? parsed[name]?.as : undefined;
      if (kind === undefined) report(source, path, unknownName("parsed value", name, Object.keys(parsed)));
      else if (unit === "money" && kind !== "money")
        report(source, path, { message: `\`${name}\` is normalised as ${kind}`, expected: "a value that is money" });
    }
  }
}

function captures({ reversal, cases = [] }: Rule): boolean {
  return [reversal, ...cases.map((one) => one.reversal)].some(
    (one) => one?.kind === "inverse" && one.capture !== undefined,
  );
}

/** Normalisers that do not fit what the server's reviewed definitions say of the arguments. */
export function checkNormalisers(
  files: WorkspaceFiles,
  schemaOf: (server: string, tool: string) => Schema | undefined,
): readonly WorkspaceProblem[] {
  const problems: WorkspaceProblem[] = [];
  for (const [file, text] of Object.entries(files)) {
    if (!/^tools\/[^/]+\.yaml$/.test(file)) continue;
    const { source } = readYaml(file, text);
    const value = asSchema(source?.value);
    const server = value?.server;
    if (source === undefined || typeof server !== "string") continue;
    for (const [tool, rule] of Object.entries(asSchema(value?.tools) ?? {})) {
      const schema = schemaOf(server, tool);
      if (schema === undefined) continue;
      for (const [name, given] of Object.entries(asSchema(asSchema(rule)?.normalise) ?? {})) {
        const path: Path = ["tools", tool, "normalise", name];
        const complaint = misfit(name, wantedOf(given as Parameters<typeof wantedOf>[0]), schema);
        if (complaint !== undefined) problems.push(problemAt(file, source.place(path, "key"), path, complaint));
      }
    }
  }
  return problems;
}

/** What stands against reading the argument so; undefined where nothing does. */
export function misfit(name: string, want: Wanted, schema: Schema): Complaint | undefined {
  let here: Schema = schema;
  for (const step of (want.from ?? name).split(".")) {
    const properties = asSchema(here.properties);
    if (step === "*") {
      if (!typesOf(here, schema).includes("array"))
        return { message: `\`${want.from}\` goes into something that is no list` };
      here = resolved(asSchema(here.items) ?? {}, schema);
    } else {
      if (properties === undefined || !Object.hasOwn(properties, step))
        return unknownName("argument", step, Object.keys(properties ?? {}), "the tool's definition does not name it");
      here = resolved(asSchema(properties[step]) ?? {}, schema);
    }
  }
  const declared = typesOf(here, schema);
  // A place with a `*` is always a list.
  const given = want.from?.includes("*") === true ? ["array"] : declared;
  const { takes } = normalisers[want.as];
  const strange = given.filter((type) => !(takes as readonly string[]).includes(type));
  if (given.length === 0 || strange.length === 0) return undefined;
  return {
    message: `the argument is declared as ${given.join(" or ")}, and \`${want.as}\` does not read ${strange.join(" or ")}`,
    expected: `a normaliser of ${given.join(" or ")}: ${fitting(given).join(", ") || "there is none"}`,
  };
}

function fitting(types: readonly string[]): readonly string[] {
  return Object.entries(normalisers)
    .filter(([, { takes }]) => types.every((type) => (takes as readonly string[]).includes(type)))
    .map(([name]) => name);
}

/** The types that a schema names, without null; none where it leaves the type open. */
function typesOf(schema: Schema, root: Schema): readonly string[] {
  const { type, anyOf, oneOf } = schema;
  if (typeof type === "string") return type === "null" ? [] : [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === "string" && one !== "null").map(String);
  const choices: unknown = anyOf ?? oneOf;
  if (!Array.isArray(choices)) return [];
  return [...new Set(choices.flatMap((one: unknown) => typesOf(resolved(asSchema(one) ?? {}, root), root)))];
}

/** One step through a local `$ref`. */
function resolved(schema: Schema, root: Schema): Schema {
  const match = typeof schema.$ref === "string" ? /^#\/(\$defs|definitions)\/([^/~]+)$/.exec(schema.$ref) : null;
  const defined = asSchema(root[match?.[1] ?? ""]);
  const name = match?.[2] ?? "";
  return (defined !== undefined && Object.hasOwn(defined, name) ? asSchema(defined[name]) : undefined) ?? schema;
}

function asSchema(value: unknown): Schema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
}
