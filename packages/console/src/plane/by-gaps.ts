interface WithGaps {
  readonly name: string;
  readonly frozen: string | null;
  readonly gaps: readonly string[];
}

/** What is frozen first, then what has something missing, then the rest; each by name. */
export function byGaps<T extends WithGaps>(agents: readonly T[]): T[] {
  const rank = ({ frozen, gaps }: T): number => (frozen !== null ? 0 : gaps.length > 0 ? 1 : 2);
  return agents.toSorted((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}

/** What is missing around an agent: its own gaps, its workflow's, and a tier that is not earned. */
export function gapsAround(
  agent: { readonly gaps: readonly string[]; readonly tier: number | null },
  workflow: { readonly name: string; readonly gaps: readonly string[]; readonly tier?: unknown } | undefined,
): readonly string[] {
  if (workflow === undefined) return agent.gaps;
  const asked = Number(workflow.tier);
  return [
    ...agent.gaps,
    ...workflow.gaps.map((gap) => `of workflow \`${workflow.name}\`: ${gap}`),
    ...(agent.tier !== null && asked > agent.tier
      ? [`its workflow asks for tier ${asked}, and tier ${agent.tier} is in force`]
      : []),
  ];
}
