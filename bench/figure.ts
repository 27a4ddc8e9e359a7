/** One measured number, and the number that was promised where there is one. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: { readonly is: "at least" | "at most"; readonly value: number };
  /** Of which the value is the median, or whatever else a reader needs to judge it. */
  readonly note?: string;
}

export function isMet({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return target.is === "at least" ? value >= target.value : value <= target.value;
}

export const atLeast = (value: number) => ({ is: "at least", value }) as const;
export const atMost = (value: number) => ({ is: "at most", value }) as const;
