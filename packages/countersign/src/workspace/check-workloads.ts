import { couldBothMean, type TrustedIssuer } from "../identity/index.ts";
import type { Draft, Report } from "./draft.ts";
import { type Path, quoted, unknownName } from "./finding.ts";

interface Placed {
  readonly agent: string;
  readonly path: Path;
  readonly rule: TrustedIssuer;
}

/** Which agent a token stands for must be told by the rules alone: no token may fit two of them. */
export function checkWorkloads({ organisation: { source, value } }: Draft, report: Report): void {
  const environments = new Set(value.environments.map(({ name }) => name));
  const placed = value.agents.flatMap(({ name: agent, identity = [] }, at) =>
    identity.map((rule, index): Placed => ({ agent, rule, path: ["agents", at, "identity", index] })),
  );
  const before = new Map<string, Placed[]>();
  for (const one of placed) {
    const { rule, path, agent } = one;
    if (!environments.has(rule.environment))
      report(source, [...path, "environment"], unknownName("environment", rule.environment, environments));
    const own = value.server.publicUrl?.replace(/\/+$/, "");
    if (rule.audience !== undefined && own !== undefined && !isWithin(rule.audience, own))
      report(source, [...path, "audience"], {
        severity: "warning",
        message: `tokens for ${quoted(rule.audience)} may be held by others, who can bring them here`,
        expected: `${quoted(own)}, or no audience`,
      });
    const others = before.get(rule.issuer) ?? [];
    const clash = others.find((other) => couldBothMean(rule, other.rule));
    if (clash !== undefined)
      report(source, path, {
        message: `one token could fit this rule of ${quoted(agent)} and rule ${Number(clash.path.at(-1)) + 1} of ${quoted(clash.agent)}, so nobody would be taken for either`,
        expected: "a claim in both whose values differ",
      });
    before.set(rule.issuer, [...others, one]);
  }
}

/** Whoever has `https://cs.acme.example.evil.example` is another. */
function isWithin(audience: string, own: string): boolean {
  return audience === own || audience.startsWith(`${own}/`);
}
