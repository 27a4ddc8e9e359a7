import { allMatched, everyMatch, firstMatch } from "../matched.ts";
import type { DataEgress, Destination } from "./guardrail.ts";

/**
 * INVARIANT: a call that names no place at all is refused, and so is one of whose addresses any is not clean: reading
 * it is an error, and an error denies. That all are below one of the domains, or each is one of them, is what two sets
 * of names can tell; what is neither is refused.
 */
export function dataEgressClauses(rule: DataEgress, tool: string): readonly string[] {
  const { labels } = rule;
  const destinations = rule.destinations.filter((one) => one.tool === tool);
  const domains = `[${rule.domains.map((domain) => `"${domain}"`).join(", ")}]`;
  const carries = labels.map((label) => `resource.labels.contains("${label}")`);
  const inside = destinations.map(({ argument, by }) => {
    const at = `context.args.parsed.${argument}`;
    return `(if context.args.parsed has ${argument} then ${domains}.containsAll(${at}.${by}) || ${at}.within.containsAny(${domains}) else true)`;
  });
  const some = destinations.map(
    ({ argument, by }) => `(context.args.parsed has ${argument} && !context.args.parsed.${argument}.${by}.isEmpty())`,
  );
  return [
    ...(carries.length === 0 ? [] : [`when { ${carries.join(" || ")} }`]),
    ...(destinations.length === 0
      ? []
      : [`unless {\n  (${some.join(" ||\n    ")}) &&\n  ${inside.join(" &&\n  ")}\n}`]),
  ];
}

/** Each tool has a policy of its own, because its addresses are its own. */
export function readDataEgress(name: string, text: string): DataEgress {
  const policies = text.split(/(?=@id\()/).map((policy) => ({ policy, tool: toolOf(policy) }));
  return {
    use: "data-egress",
    name,
    tools: policies.map(({ tool }) => tool),
    domains: everyMatch(/"([^"]*)"/g, firstMatch(/then \[([^\]]*)\]\.containsAll\(/, text)),
    labels: [...new Set(everyMatch(/resource\.labels\.contains\("([^"]*)"\)/g, text))],
    destinations: policies.flatMap(({ policy, tool }) =>
      allMatched<[string, Destination["by"]]>(
        /has ([A-Za-z_][A-Za-z0-9_]*) then \[[^\]]*\]\.containsAll\(context\.args\.parsed\.\1\.(domains|hosts)\)/g,
        policy,
      ).map(([argument, by]) => ({ tool, argument, by })),
    ),
  };
}

function toolOf(policy: string): string {
  return firstMatch(/action in \[Action::"([^"]*)"\]/, policy);
}
