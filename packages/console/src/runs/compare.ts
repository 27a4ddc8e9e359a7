/** A call as far as two runs are compared by it. */
export interface Compared {
  readonly id: string;
  readonly tool: string;
  readonly target: string;
  readonly state: string;
}

/** One line of a comparison: both did it, or one did. */
export interface Pairing<One extends Compared> {
  readonly left?: One;
  readonly right?: One;
  /** `same`: tool, target and how it ended; `ended`: it ended otherwise; `target`: the same tool on another target. */
  readonly how: "same" | "ended" | "target" | "left" | "right";
}

/** More calls than this on a side are not aligned one by one. */
export const mostCompared = 400;

/** Two sequences of calls aligned by tool and target; what is left between is aligned by tool alone. */
export function pairUp<One extends Compared>(left: readonly One[], right: readonly One[]): readonly Pairing<One>[] {
  const pairs: Pairing<One>[] = [];
  let gap: { left: One[]; right: One[] } = { left: [], right: [] };
  const close = (): void => {
    for (const [one, other] of align(gap.left, gap.right, (a, b) => a.tool === b.tool)) pairs.push(apart(one, other));
    gap = { left: [], right: [] };
  };
  for (const [one, other] of align(left, right, (a, b) => a.tool === b.tool && a.target === b.target)) {
    if (one !== undefined && other !== undefined) {
      close();
      pairs.push({ left: one, right: other, how: one.state === other.state ? "same" : "ended" });
    } else if (one !== undefined) gap.left.push(one);
    else if (other !== undefined) gap.right.push(other);
  }
  close();
  return pairs;
}

function apart<One extends Compared>(left: One | undefined, right: One | undefined): Pairing<One> {
  if (left === undefined) return right === undefined ? { how: "right" } : { right, how: "right" };
  return right === undefined ? { left, how: "left" } : { left, right, how: "target" };
}

/** The longest common sequence of two lists, with everything that is not in it in its place. */
function align<One>(
  left: readonly One[],
  right: readonly One[],
  isSame: (one: One, other: One) => boolean,
): readonly (readonly [One | undefined, One | undefined])[] {
  const common = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const fits = (i: number, j: number): boolean => {
    const [one, other] = [left[i], right[j]];
    return one !== undefined && other !== undefined && isSame(one, other);
  };
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i]?.set([fits(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))], j);
  const pairs: (readonly [One | undefined, One | undefined])[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    if (fits(i, j)) pairs.push([left[i++], right[j++]]);
    else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) pairs.push([left[i++], undefined]);
    else pairs.push([undefined, right[j++]]);
  }
  return pairs;
}
