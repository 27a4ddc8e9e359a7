import { clockOf, type ZoneClock } from "../../floor/local-time.ts";
import type { Chosen } from "./chosen.ts";

const dayMs = 86_400_000;
// A Monday, for where the solver left the day open.
const usualDay = 20_260_105;
/** Of all days around the chosen one, every weekday is among these; the chosen one comes first. */
const around = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6] as const;

/**
 * Moments at which the clock of a zone shows what the solver chose for it. To a solver the day, the weekday and the minute
 * are three numbers; what does not go together is told as nearly as it can be, and the evaluator has the last word.
 */
export function localInstants(chosen: Chosen): readonly string[] {
  const zones = new Set(
    chosen.paths.flatMap(([root, local, zone]) => (root === "context" && local === "local" ? [zone ?? ""] : [])),
  );
  return [...zones].flatMap((zone) => {
    const clock = clockOf(zone);
    const told = (name: string) => chosen.number(["context", "local", zone, name]);
    return clock === undefined ? [] : instantsOf(clock, told("day"), told("weekday"), told("minute") ?? 12 * 60);
  });
}

function instantsOf(clock: ZoneClock, day: number | undefined, weekday: number | undefined, minute: number): string[] {
  const days = day === undefined ? [usualDay] : [day, usualDay];
  const found = days.flatMap((one) =>
    around.flatMap((offset) => {
      const ms = instantOf(clock, one, offset, minute);
      const is = ms === undefined ? undefined : clock.at(ms);
      return ms !== undefined && (weekday === undefined || is?.weekday === weekday) ? [ms] : [];
    }),
  );
  return [...new Set(found)].flatMap((ms) =>
    Number.isNaN(new Date(ms).getTime()) ? [] : [new Date(ms).toISOString()],
  );
}

/** When the clock shows that minute of a day so many days after another. */
function instantOf(clock: ZoneClock, day: number, offset: number, minute: number): number | undefined {
  const [year, month] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100];
  const wanted = new Date(0).setUTCFullYear(year, month - 1, (day % 100) + offset) + minute * 60_000;
  // Twice, as the first guess may lie on the other side of a change of the clocks.
  let ms = wanted;
  for (let times = 0; times < 2; times++) {
    const shown = clock.at(ms);
    if (shown === undefined) return undefined;
    const [y, m] = [Math.floor(shown.day / 10_000), Math.floor(shown.day / 100) % 100];
    const reads = new Date(0).setUTCFullYear(y, m - 1, shown.day % 100) + shown.minute * 60_000;
    if (Math.abs(reads - ms) > 2 * dayMs) return undefined;
    ms -= reads - wanted;
  }
  return ms;
}
