import { useEffect, useState } from "react";
import { units } from "./units.ts";

/** A moment as people say it, with the exact one in UTC on hover and in copies. */
export function Ago({ at }: { readonly at: string }) {
  useTick(10_000);
  const ms = Date.parse(at) - Date.now();
  const text = Math.abs(ms) < 1_000 ? "now" : ms > 0 ? `in ${left(ms)}` : `${span(-ms)} ago`;
  return (
    <time dateTime={at} title={`${new Date(at).toISOString()} (here ${new Date(at).toLocaleString()})`}>
      {text}
    </time>
  );
}

/** A whole number of the largest unit that fits. */
export function span(ms: number): string {
  const [unit, size] = units.find(([, least]) => ms >= least) ?? (["s", 1_000] as const);
  return `${Math.floor(ms / size)} ${unit}`;
}

/** How long something took: what was shorter than any unit is said to be so. */
export function took(ms: number): string {
  return ms < 1_000 ? "under 1 s" : span(ms);
}

/** What is left until a moment: hours with their minutes, so that nearly four hours are not told as three. */
export function left(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const rest = minutes % 60;
  return minutes < 60 || minutes >= 24 * 60 || rest === 0 ? span(ms) : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** Draws again now and then, so that what is said of time stays true. */
export function useTick(everyMs: number): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
