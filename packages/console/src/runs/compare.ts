/** A call as far as two runs are compared by it. */
export interface Compared {
  readonly id: string;
  readonly tool: string;
  readonly target: string;
  /** Empty where the arguments were erased: then nobody can tell whether they are another call's. */
  readonly argsDigest: string;
  readonly state: string;
}

/** One line of a comparison: both did it, or one did. */
export interface Pairing<One extends Compared> {
  readonly left?: One;
  readonly right?: One;
  /**
   * `same`: tool, target, arguments and how it ended; `ended`: it ended otherwise; `arguments`: the same tool and target
   * with other arguments; `erased`: with arguments that cannot be compared; `target`: the same tool on another target.
   */
  readonly how: "same" | "ended" | "arguments" | "erased" | "target" | "left" | "right";
}

/** More calls than this on a side are not aligned one by one. */
export const mostCompared = 400;

type Likeness = (one: Compared, other: Compared) => boolean;

/** What is alike most is aligned first, and what is left between by the next likeness. */
const likenesses: readonly Likeness[] = [
  (one, other) => isOnSame(one, other) && one.argsDigest !== "" && one.argsDigest === other.argsDigest,
  isOnSame,
  (one, other) => one.tool === other.tool,
];

function isOnSame(one: Compared, other: Compared): boolean {
  return one.tool === other.tool && one.target === other.target;
}

/** Two sequences of calls aligned by tool, target and arguments; what is left between by less of it. */
export function pairUp<One extends Compared>(left: readonly One[], right: readonly One[]): readonly Pairing<One>[] {
  return pairUpBy(likenesses, left, right);
}

function pairUpBy<One extends Compared>(
  [isAlike, ...less]: readonly Likeness[],
  left: readonly One[],
  right: readonly One[],
): readonly Pairing<One>[] {
  if (isAlike === undefined)
    return [
      ...left.map((one) => ({ left: one, how: "left" }) as const),
      ...right.map((one) => ({ right: one, how: "right" }) as const),
    ];
  const pairs: Pairing<One>[] = [];
  let gap: { left: One[]; right: One[] } = { left: [], right: [] };
  const close = (): void => {
    pairs.push(...pairUpBy(less, gap.left, gap.right));
    gap = { left: [], right: [] };
  };
  for (const [one, other] of align(left, right, isAlike)) {
    if (one !== undefined && other !== undefined) {
      close();
      pairs.push({ left: one, right: other, how: howOf(one, other) });
    } else if (one !== undefined) gap.left.push(one);
    else if (other !== undefined) gap.right.push(other);
  }
  close();
  return pairs;
}

/** The arguments before how it ended: that stands beside each call, and they do not. */
function howOf(one: Compared, other: Compared): Pairing<Compared>["how"] {
  if (one.target !== other.target) return "target";
  if (one.argsDigest === "" || other.argsDigest === "") return "erased";
  if (one.argsDigest !== other.argsDigest) return "arguments";
  return one.state === other.state ? "same" : "ended";
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
