import type { ApprovalReport } from "@countersign/client";
import { units } from "../parts/units.ts";

export type Stretch = ApprovalReport["answers"]["stretches"][number];

/** A length of time in its two largest units; below a minute in seconds, and below ten of them to a tenth. */
export function lengthOf(ms: number): string {
  const at = units.findIndex(([, size]) => ms >= size);
  const [larger, smaller] = [units[at], units[at + 1]];
  if (larger === undefined || smaller === undefined) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const [whole, rest] = [Math.floor(ms / larger[1]), Math.floor((ms % larger[1]) / smaller[1])];
  return rest === 0 ? `${whole} ${larger[0]}` : `${whole} ${larger[0]} ${rest} ${smaller[0]}`;
}

/** The day of a zone in which a moment lies, as `2026-11-22`. */
export function dayOf(at: string, zone: string): string {
  const format = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const parts = new Map(
    new Intl.DateTimeFormat("en", format).formatToParts(Date.parse(at)).map((p) => [p.type, p.value]),
  );
  return ["year", "month", "day"].map((name) => parts.get(name as "year")).join("-");
}

/** Whether the day of the zone lies in the period with a part of it alone: it begins after its first moment, or ends before its last. */
export function isInPart({ since, until }: Stretch, zone: string): boolean {
  const isMidnight = (at: string): boolean =>
    dayOf(at, zone) !== dayOf(new Date(Date.parse(at) - 1).toISOString(), zone);
  return !(isMidnight(since) && isMidnight(until));
}

/** Which of `count` places along a width get a label, so that none touches the next: the last one, and every so many before. */
export function labelled(count: number, widthPx: number, labelPx: number): readonly number[] {
  const every = Math.max(1, Math.ceil((count * labelPx) / Math.max(1, widthPx)));
  return Array.from({ length: Math.ceil(count / every) }, (_, at) => count - 1 - at * every).reverse();
}
