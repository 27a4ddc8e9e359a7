import { type Wanted, wantedOf } from "./normalise/wanted.ts";
import type { Mapping, Rule } from "./rule.ts";

const known = new WeakMap<Rule, { readonly [name: string]: Wanted }>();

/** What a rule's arguments are normalised as: those that it names, and those that its mappings read as paths and addresses. */
export function wantedBy(rule: Rule): { readonly [name: string]: Wanted } {
  const earlier = known.get(rule);
  if (earlier !== undefined) return earlier;
  const mappings = [rule.environment, ...(rule.cases ?? []).map((one) => one.environment)].flatMap((one) => one ?? []);
  const paths = [...mappings.flatMap((mapping) => argumentsOf(mapping, "path")), ...(rule.paths ?? [])];
  const urls = [...mappings.flatMap((mapping) => argumentsOf(mapping, "host")), ...(rule.urls ?? [])];
  const wanted = {
    ...Object.fromEntries(paths.map((name) => [name, { as: "path" }] as const)),
    ...Object.fromEntries(urls.map((name) => [name, { as: "url" }] as const)),
    ...Object.fromEntries(
      Object.entries(rule.normalise ?? {}).map(([name, given]) => [name, wantedOf(given)] as const),
    ),
  };
  known.set(rule, wanted);
  return wanted;
}

export function argumentsOf(mapping: Mapping, by: "path" | "host"): readonly string[] {
  if (typeof mapping === "string" || mapping.by !== by) return [];
  return mapping.by === "path" ? [...mapping.arguments, ...(mapping.optional ?? [])] : mapping.arguments;
}
