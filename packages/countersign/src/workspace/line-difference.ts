/** Lines around a change that are told with it. */
const context = 2;
/** Cells of the table at most: two files of two thousand lines that share neither beginning nor end. */
const mostCells = 4_000_000;

/**
 * How one text becomes the other, line by line: `- ` gone, `+ ` new, two spaces for what stays around them and `…` for
 * what is left out. Texts that differ too much are told as the one gone and the other new: nothing is left unsaid.
 */
export function lineDifference(before: string, after: string): readonly string[] {
  return around(steps(linesOf(before), linesOf(after)));
}

type Step = readonly [sign: " " | "-" | "+", line: string];

function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines.push("(no line end)");
  return lines;
}

function steps(old: readonly string[], now: readonly string[]): readonly Step[] {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  return [
    ...old.slice(0, start).map(same),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(same),
  ];
}

function same(line: string): Step {
  return [" ", line];
}

/** By the longest common subsequence. */
function middle(old: readonly string[], now: readonly string[]): readonly Step[] {
  if (old.length * now.length > mostCells)
    return [...old.map((line): Step => ["-", line]), ...now.map((line): Step => ["+", line])];
  const width = now.length + 1;
  const longest = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = now.length - 1; column >= 0; column--) {
      longest[row * width + column] =
        old[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const found: Step[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < now.length) {
    const [gone, came] = [old[row], now[column]];
    if (gone !== undefined && gone === came) {
      found.push([" ", gone]);
      row++;
      column++;
    } else if (gone !== undefined && (came === undefined || at(row + 1, column) >= at(row, column + 1))) {
      found.push(["-", gone]);
      row++;
    } else {
      found.push(["+", came ?? ""]);
      column++;
    }
  }
  return found;
}

function around(all: readonly Step[]): readonly string[] {
  const near = new Uint8Array(all.length);
  for (const [index, [sign]] of all.entries()) {
    if (sign === " ") continue;
    near.fill(1, Math.max(0, index - context), index + context + 1);
  }
  const lines: string[] = [];
  let skipped = false;
  for (const [index, [sign, line]] of all.entries()) {
    if (near[index] === 1) lines.push(...(skipped ? ["…"] : []), `${sign} ${line}`);
    skipped = near[index] !== 1;
  }
  return skipped && lines.length > 0 ? [...lines, "…"] : lines;
}
