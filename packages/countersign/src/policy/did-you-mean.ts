/** The known name that was probably meant, as a remedy; undefined where none is near. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const [best] = [...known]
    .map((candidate) => ({ candidate, steps: distance(name, candidate) }))
    .sort((one, other) => one.steps - other.steps);
  return best !== undefined && best.steps <= 3 ? `did you mean \`${best.candidate}\`?` : undefined;
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length }, (_, at) => at + 1);
  let last = other.length;
  for (const [at, sign] of one.split("").entries()) {
    let diagonal = at;
    last = at + 1;
    row = row.map((above, column) => {
      const replaced = diagonal + (other[column] === sign ? 0 : 1);
      diagonal = above;
      last = Math.min(replaced, above + 1, last + 1);
      return last;
    });
  }
  return last;
}
