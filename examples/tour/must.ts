/** What the tour promised and did not see. */
export class TourFailed extends Error {}

export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new TourFailed(sentence);
}
