/** A moment as people in a time zone read it from the wall. */
export interface LocalTime {
  /** `20261225` for the 25th of December 2026. */
  readonly day: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Minutes since midnight, as clocks show them: on a day when they are changed some are skipped or come twice. */
  readonly minute: number;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const farthestMs = 36 * 3_600_000;

// A function of the zone's name alone: making one costs more than a decision.
const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** Undefined where there is no such time zone. Pure: the same moment gives the same answer, whatever this machine's zone is. */
export function localTime(zone: string, atMs: number): LocalTime | undefined {
  const format = formatOf(zone);
  if (format === undefined || Number.isNaN(atMs)) return undefined;
  const parts = new Map(format.formatToParts(atMs).map((part) => [part.type, part.value]));
  const number = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  return {
    day: number("year") * 10_000 + number("month") * 100 + number("day"),
    weekday: weekdays.indexOf(parts.get("weekday") ?? "") + 1,
    minute: number("hour") * 60 + number("minute"),
  };
}

export function isZone(zone: string): boolean {
  return formatOf(zone) !== undefined;
}

/** The first moment after a day (`20261225`) of a zone, however long that day is there; undefined where there is no such zone. */
export function endOfDay(zone: string, day: number): number | undefined {
  if (!isZone(zone)) return undefined;
  const noonMs = Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100, 12);
  // No zone is so far from noon in UTC: the one moment is not after the day, and the other is.
  let [before, after] = [noonMs - farthestMs, noonMs + farthestMs];
  while (after - before > 1) {
    const between = Math.floor((before + after) / 2);
    if ((localTime(zone, between)?.day ?? 0) > day) after = between;
    else before = between;
  }
  return after;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  // Offsets such as `+02:00` are no zones: they know nothing of summer.
  const isName = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone);
  const made = isName ? tryFormat(zone) : undefined;
  if (formats.size < 1_000) formats.set(zone, made);
  return made;
}

function tryFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      hourCycle: "h23",
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  } catch {
    return undefined;
  }
}
