/** A moment as people in a time zone read it from the wall. */
export interface LocalTime {
  /** `20261225` for the 25th of December 2026. */
  readonly day: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Minutes since midnight, as clocks show them: on a day when they are changed some are skipped or come twice. */
  readonly minute: number;
}

/** The clock on the wall of one time zone. */
export interface ZoneClock {
  readonly zone: string;
  /** Undefined where there is no such moment. Pure: the same moment gives the same answer, whatever this machine's zone is. */
  at(ms: number): LocalTime | undefined;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const farthestMs = 36 * 3_600_000;
/** `Date.UTC` takes the years before 100 for others. */
const firstDay = 1_000_101;

// A function of the zone's name alone: making one costs more than a decision.
const formats = new Map<string, Intl.DateTimeFormat>();
const mostFormats = 1_000;

/** Undefined where there is no such time zone. Kept for the next time: for the zones of policies, and not for what callers name. */
export function localTime(zone: string, atMs: number): LocalTime | undefined {
  const format = formats.get(zone) ?? kept(zone);
  return format === undefined ? undefined : read(format, atMs);
}

export function isZone(zone: string): boolean {
  return formats.has(zone) || formatOf(zone) !== undefined;
}

/** Undefined where there is no such time zone. Not kept, so that whoever asks may name any. */
export function clockOf(zone: string): ZoneClock | undefined {
  const format = formatOf(zone);
  return format === undefined ? undefined : { zone, at: (ms) => read(format, ms) };
}

/**
 * The first moment after a day (`20261225`) of a zone, or after one so many days before it, however long these days are
 * there. Undefined before the year 100.
 */
export function endOfDay(clock: ZoneClock, day: number, daysBefore = 0): number | undefined {
  if (day < firstDay) return undefined;
  const [year, month] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100];
  const noon = new Date(Date.UTC(year, month - 1, (day % 100) - daysBefore, 12));
  const wanted = noon.getUTCFullYear() * 10_000 + (noon.getUTCMonth() + 1) * 100 + noon.getUTCDate();
  // No zone is so far from noon in UTC: the one moment is not after the day, and the other is.
  let [before, after] = [noon.getTime() - farthestMs, noon.getTime() + farthestMs];
  while (after - before > 1) {
    const between = Math.floor((before + after) / 2);
    if ((clock.at(between)?.day ?? 0) > wanted) after = between;
    else before = between;
  }
  return after;
}

function read(format: Intl.DateTimeFormat, atMs: number): LocalTime | undefined {
  if (Number.isNaN(atMs)) return undefined;
  const parts = new Map(format.formatToParts(atMs).map((part) => [part.type, part.value]));
  const number = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  return {
    day: number("year") * 10_000 + number("month") * 100 + number("day"),
    weekday: weekdays.indexOf(parts.get("weekday") ?? "") + 1,
    minute: number("hour") * 60 + number("minute"),
  };
}

function kept(zone: string): Intl.DateTimeFormat | undefined {
  const made = formatOf(zone);
  if (made === undefined) return undefined;
  const [oldest] = formats.keys();
  if (formats.size >= mostFormats && oldest !== undefined) formats.delete(oldest);
  formats.set(zone, made);
  return made;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  // Offsets such as `+02:00` are no zones: they know nothing of summer.
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(timeZone)) return undefined;
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
