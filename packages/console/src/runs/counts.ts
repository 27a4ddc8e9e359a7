/** States in the order in which somebody wants to hear of them: what went wrong first. */
const order = ["unknown", "failed", "refused", "held", "received", "ready", "running", "reversed", "done"];

/** How many ended how, what went wrong first. */
export function worstFirst(states: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  return Object.entries(states)
    .filter(([, count]) => count > 0)
    .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
}

/** Counts by state. */
export function countStates(rows: readonly { readonly state: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
