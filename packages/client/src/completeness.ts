import type { CompletenessPage, CompletenessQuery } from "./body.ts";

/** What must be on record of each action of a window, and what of it is not: all pages together. */
export interface Completeness extends Omit<CompletenessPage, "next" | "measures"> {
  readonly measures: {
    readonly [one in keyof CompletenessPage["measures"]]: CompletenessPage["measures"][one] & {
      /** From 0 to 1; null where there is nothing to measure. */
      readonly share: number | null;
    };
  };
  /** How many gaps there are: of more than ten thousand only the newest are listed. */
  readonly found: number;
  readonly isComplete: boolean;
}

export const mostGaps = 10_000;

/** Asks page by page, and holds no more than the sums and the gaps that it lists. The window stays that of the first page. */
export async function sumCompleteness(
  ask: (query: CompletenessQuery & { readonly cursor?: string }) => Promise<CompletenessPage>,
  query: CompletenessQuery,
  told?: (sofar: Completeness) => void,
  signal?: AbortSignal,
): Promise<Completeness> {
  let sum: Completeness | undefined;
  let cursor: string | undefined;
  do {
    signal?.throwIfAborted();
    const window = sum === undefined ? query : { ...query, since: sum.since, until: sum.until };
    const page = await ask({ ...window, ...(cursor === undefined ? {} : { cursor }) });
    sum = added(sum, page);
    cursor = page.next;
    told?.(sum);
  } while (cursor !== undefined);
  return sum;
}

function added(sum: Completeness | undefined, page: CompletenessPage): Completeness {
  const { next: _, measures, reasons, gaps, ...now } = page;
  const counted = Object.entries(measures).map(([name, { of, have }]) => {
    const before = sum?.measures[name as keyof typeof measures];
    const all = { of: of + (before?.of ?? 0), have: have + (before?.have ?? 0) };
    return [name, { ...all, share: all.of === 0 ? null : all.have / all.of }];
  });
  const many = Object.entries(reasons).map(([name, count]) => [
    name,
    count + (sum?.reasons[name as keyof typeof reasons] ?? 0),
  ]);
  const found = (sum?.found ?? 0) + gaps.length;
  return {
    ...now,
    ...(sum === undefined ? {} : { since: sum.since, until: sum.until }),
    actions: now.actions + (sum?.actions ?? 0),
    measures: Object.fromEntries(counted) as Completeness["measures"],
    reasons: Object.fromEntries(many) as Completeness["reasons"],
    gaps: [...(sum?.gaps ?? []), ...gaps].slice(0, mostGaps),
    found,
    isComplete: found === 0,
  };
}
