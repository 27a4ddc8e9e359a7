/** One question to people: from being asked to its end, which is not there yet where it is open. */
export interface Stay {
  readonly askedMs: number;
  readonly endedMs?: number;
}

export interface Queue {
  readonly open: number;
  readonly oldestMs: number | null;
  readonly arrived: number;
  readonly ended: number;
  readonly arrivalsPerHour: number;
  /** How many waited on average: the time that all of them waited within the window, by its length. */
  readonly meanWaiting: number;
  /** How long one waits: the same time, by how many came. Arrivals × this = what waits on average (Little's law). */
  readonly meanWaitMs: number | null;
  readonly waitMs: Quantiles | null;
}

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
}

const hourMs = 3_600_000;

/** What a window shows of a queue. Pure. */
export function queueOf(stays: readonly Stay[], fromMs: number, toMs: number): Queue {
  const inside = stays.filter(({ askedMs, endedMs = toMs }) => askedMs < toMs && endedMs >= fromMs);
  const open = inside.filter(({ endedMs }) => endedMs === undefined || endedMs > toMs);
  const ended = inside.flatMap(({ askedMs, endedMs }) =>
    endedMs === undefined || endedMs > toMs ? [] : [endedMs - askedMs],
  );
  const arrived = inside.filter(({ askedMs }) => askedMs >= fromMs).length;
  const waited = waitedMs(inside, fromMs, toMs);
  const lengthMs = toMs - fromMs;
  return {
    open: open.length,
    oldestMs: open.length === 0 ? null : toMs - Math.min(...open.map(({ askedMs }) => askedMs)),
    arrived,
    ended: ended.length,
    arrivalsPerHour: (arrived * hourMs) / lengthMs,
    meanWaiting: waited / lengthMs,
    meanWaitMs: arrived === 0 ? null : waited / arrived,
    waitMs: quantiles(ended),
  };
}

/** How many waited on average in each of so many stretches of the same length, the oldest first. Pure. */
export function waitingOver(stays: readonly Stay[], fromMs: number, toMs: number, parts: number): readonly number[] {
  const partMs = (toMs - fromMs) / parts;
  return Array.from({ length: parts }, (_, at) => {
    const startMs = fromMs + at * partMs;
    return waitedMs(stays, startMs, startMs + partMs) / partMs;
  });
}

/** The time that all of them together waited between two moments. */
function waitedMs(stays: readonly Stay[], fromMs: number, toMs: number): number {
  return stays.reduce(
    (sum, { askedMs, endedMs = toMs }) => sum + Math.max(0, Math.min(endedMs, toMs) - Math.max(askedMs, fromMs)),
    0,
  );
}

export function quantiles(values: readonly number[]): Quantiles | null {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return sorted.length === 0 ? null : { p50: at(0.5), p90: at(0.9) };
}

export interface Forecast {
  readonly arrivalsPerHour: number;
  /** What all of them together can answer; null where nobody knows. */
  readonly servicePerHour: number | null;
  readonly utilisation: number | null;
  readonly saturated: boolean;
  /** On average; null where it grows without an end, or nobody knows. */
  readonly waiting: number | null;
  readonly waitMs: number | null;
  readonly growsPerHour: number;
  readonly sentence: string;
}

/**
 * What will wait where so many come and so many people answer: a queue with random arrivals and `people` servers
 * (M/M/c, Erlang's C formula), so waiting = arrivals × wait. Pure.
 */
export function forecastOf(arrivalsPerHour: number, servicePerHour: number | null, people: number): Forecast {
  const base = { arrivalsPerHour, servicePerHour };
  if (servicePerHour === null || servicePerHour <= 0 || people < 1) {
    const sentence = "nobody has answered enough to say what can be answered";
    return { ...base, utilisation: null, saturated: false, waiting: null, waitMs: null, growsPerHour: 0, sentence };
  }
  const utilisation = arrivalsPerHour / servicePerHour;
  if (utilisation >= 1) {
    const growsPerHour = arrivalsPerHour - servicePerHour;
    const sentence = `saturated: ${rounded(arrivalsPerHour)} come an hour and ${rounded(servicePerHour)} can be answered`;
    return { ...base, utilisation, saturated: true, waiting: null, waitMs: null, growsPerHour, sentence };
  }
  const each = servicePerHour / people;
  const waitHours = waitsAtAll(arrivalsPerHour / each, people) / (servicePerHour - arrivalsPerHour) + 1 / each;
  const waiting = arrivalsPerHour * waitHours;
  const sentence = `${Math.round(utilisation * 100)} % of what can be answered comes in; about ${rounded(waiting)} will wait`;
  return { ...base, utilisation, saturated: false, waiting, waitMs: waitHours * hourMs, growsPerHour: 0, sentence };
}

/** Erlang's C: the chance that whoever comes has to wait, from the B formula's recursion, which overflows nowhere. */
function waitsAtAll(load: number, servers: number): number {
  let blocked = 1;
  for (let count = 1; count <= servers; count++) blocked = (load * blocked) / (count + load * blocked);
  const free = 1 - load / servers;
  return blocked / (free + (1 - free) * blocked);
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
