import type { ToolsFile } from "../catalog/index.ts";
import type { Draft, Report, Typed } from "./draft.ts";
import { stem } from "./draft.ts";
import { type Path, unknownName } from "./finding.ts";
import type { Packs } from "./provided-tools.ts";

type Rule = ToolsFile["tools"][string];
type Mapping = Rule["environment"];

/** What a tools file names outside itself: its owner, its pack and its environments. */
export function checkTools(draft: Draft, file: Typed<ToolsFile>, packs: Packs | undefined, report: Report): void {
  const { source, value } = file;
  const people = draft.organisation.value.people.map((person) => person.email);
  const environments = new Set(draft.organisation.value.environments.map((environment) => environment.name));
  if (stem(source.file) !== value.server) {
    report(source, ["server"], {
      message: `the server \`${value.server}\` stands in a file of another name`,
      expected: `\`tools/${value.server}.yaml\``,
      help: "rename the file or the server",
    });
  }
  if (value.owner !== undefined && !people.includes(value.owner))
    report(source, ["owner"], unknownName("person", value.owner, people));
  if (value.pack !== undefined && packs !== undefined && !packs.has(value.pack)) {
    report(source, ["pack"], unknownName("pack", value.pack, packs.keys(), "or describe its tools in this file"));
  }
  for (const { name, path } of environmentsOf(value)) {
    if (!environments.has(name))
      report(
        source,
        path,
        unknownName(
          "environment",
          name,
          environments,
          "if it is new, add it under `environments` in `countersign.yaml`",
        ),
      );
  }
}

interface Named {
  readonly name: string;
  readonly path: Path;
}

function environmentsOf(file: ToolsFile): readonly Named[] {
  return [
    ...(file.environment === undefined ? [] : [{ name: file.environment, path: ["environment"] }]),
    ...file.roots.map((root, index) => ({ name: root.environment, path: ["roots", index, "environment"] })),
    ...file.hosts.map((host, index) => ({ name: host.environment, path: ["hosts", index, "environment"] })),
    ...Object.entries(file.names).map(([key, name]) => ({ name, path: ["names", key] })),
    ...Object.entries(file.tools).flatMap(([name, rule]) => ofRule(rule, ["tools", name])),
    ...Object.entries(file.methods).flatMap(([name, rule]) =>
      rule === undefined ? [] : ofRule(rule, ["methods", name]),
    ),
  ];
}

function ofRule(rule: Rule, path: Path): readonly Named[] {
  const cases = rule.cases ?? [];
  return [
    ...ofMapping(rule.environment, [...path, "environment"]),
    ...cases.flatMap((each, index) => ofMapping(each.environment, [...path, "cases", index, "environment"])),
  ];
}

function ofMapping(mapping: Mapping, path: Path): readonly Named[] {
  if (mapping === undefined || typeof mapping === "string") return [];
  if (Array.isArray(mapping)) return mapping.flatMap((each, index) => ofMapping(each, [...path, index]));
  if (mapping.by === "constant") return [{ name: mapping.environment, path: [...path, "environment"] }];
  if (mapping.by === "value")
    return Object.entries(mapping.values).map(([key, name]) => ({ name, path: [...path, "values", key] }));
  return [];
}
