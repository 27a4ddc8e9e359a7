/** How sending is tried again; tests make it short. */
export interface Patience {
  readonly firstMs: number;
  readonly longestMs: number;
  /** After so many tries it is a dead letter. */
  readonly tries: number;
}

/** Five seconds, then four times as long each time, up to four hours: ten tries in about fourteen hours. */
export const patience: Patience = { firstMs: 5_000, longestMs: 4 * 3_600_000, tries: 10 };

/**
 * When to try again after `tries` failures; undefined where it is given up. Half of the wait is left to chance, so that what
 * failed together does not come back together. `chance`: from 0 to below 1.
 */
export function waitMs(
  tries: number,
  chance: number,
  { firstMs, longestMs, tries: most }: Patience,
): number | undefined {
  if (tries >= most) return undefined;
  const whole = Math.min(longestMs, firstMs * 4 ** (tries - 1));
  return whole / 2 + (whole / 2) * chance;
}
