import type { DataEgress } from "./guardrail.ts";

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
  const [first = ""] = policies.map(({ policy }) => policy);
  return {
    use: "data-egress",
    name,
    tools: policies.map(({ tool }) => tool),
    domains: namesIn(/then \[([^\]]*)\]\.containsAll\(/.exec(first)?.[1]),
    labels: [...first.matchAll(/resource\.labels\.contains\("([^"]*)"\)/g)].map((match) => match[1] ?? ""),
    destinations: policies.flatMap(({ policy, tool }) =>
      [
        ...policy.matchAll(
          /has ([A-Za-z_][A-Za-z0-9_]*) then \[[^\]]*\]\.containsAll\(context\.args\.parsed\.\1\.(domains|hosts)\)/g,
        ),
      ].map(([, argument = "", by]) => ({ tool, argument, by: by === "hosts" ? "hosts" : "domains" })),
    ),
  };
}

function namesIn(list = ""): readonly string[] {
  return [...list.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
}

function toolOf(policy: string): string {
  return /action in \[Action::"([^"]*)"\]/.exec(policy)?.[1] ?? "";
}
