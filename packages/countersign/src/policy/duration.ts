import { matched } from "./matched.ts";

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const longestMs = 30 * units.d;

/** Milliseconds of `90s`, `15m`, `4h` or `2d`; undefined where it is none, or zero, or over 30 days. */
export function durationMs(text: string): number | undefined {
  const match = matched<[count: string, unit: keyof typeof units]>(/^([1-9][0-9]{0,6})([smhd])$/, text);
  if (match === undefined) return undefined;
  const [count, unit] = match;
  const ms = Number(count) * units[unit];
  return ms <= longestMs ? ms : undefined;
}

/** The shortest form that `durationMs` reads back. */
export function durationText(ms: number): string {
  for (const unit of ["d", "h", "m"] as const) if (ms % units[unit] === 0) return `${ms / units[unit]}${unit}`;
  return `${Math.round(ms / 1000)}s`;
}
