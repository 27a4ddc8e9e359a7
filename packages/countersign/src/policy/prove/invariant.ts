import type { Expr } from "@cedar-policy/cedar-wasm/nodejs";

/** Something that must never be, whatever the policies: written beside them, and proven of them. */
export interface Invariant {
  readonly name: string;
  readonly title: string;
  readonly source: "shipped" | "own";
  /** The effect that must never come: `require` says that it must not even be asked for. */
  readonly never: "allow" | "require";
  /** A Cedar expression over principal, action, resource and context. */
  readonly when: string;
  /** Whether it must also hold where a workflow is only observed. */
  readonly observed: boolean;
  readonly file: string;
  /** Where `when` starts; its lines follow one another there, indented alike. */
  readonly line: number;
  readonly column: number;
}

/** An invariant whose expression has been parsed and fits the schema. */
export interface ReadInvariant extends Invariant {
  readonly syntax: Expr;
}

const shipped = { source: "shipped", never: "allow", file: "shipped", line: 1, column: 1 } as const;

/** What holds of every policy set that can be put in force. */
export const shippedInvariants: readonly Invariant[] = [
  {
    ...shipped,
    name: "low-tiers-never-execute",
    title: "no agent of tier 0 or 1 executes",
    when: 'context.tool.verb == "execute" && principal.tier <= 1',
    observed: false,
  },
  {
    ...shipped,
    name: "production-needs-everything",
    title:
      "nobody executes in production without tier 3, a fresh passed check, and a reversal plan or an explicit irreversible permit",
    when: [
      'context.tool.verb == "execute" && resource.environment.production && !(',
      "  principal.tier >= 3",
      '  && context.facts.cured.contains("tier-3-fresh-check")',
      '  && (context.facts.reversal == "plan"',
      '    || (context.facts.reversal == "irreversible" && principal.irreversible.contains(context.tool.id))))',
    ].join("\n"),
    observed: true,
  },
  {
    ...shipped,
    name: "a-stop-stops-everything",
    title: "a stop stops everything",
    when: "context.facts.stopped",
    observed: true,
  },
  {
    ...shipped,
    name: "unreviewed-never-allowed",
    title: "an unreviewed tool is never allowed",
    when: "!context.tool.reviewed",
    observed: true,
  },
];
