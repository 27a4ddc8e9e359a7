import { setTimeout as pause } from "node:timers/promises";
import { readSse } from "../../execution/mcp/index.ts";
import { systemClock } from "../../floor/clock.ts";
import { mcpDoorDefaults } from "./setting.ts";

type Bytes = AsyncIterable<Uint8Array>;

/** Another replica than the one that has the stream took the question for its rest. */
export const elsewhere = "elsewhere";

/** What follows an event; undefined where the door does not know it. */
export type Rest = Bytes | typeof elsewhere | undefined;

export interface StreamReader {
  /** Takes one message; whether it answers what was asked. */
  take(text: string): boolean;
  /** Fetches what follows an event. Absent where nothing was asked. */
  readonly rest?: (lastEventId: string, signal: AbortSignal) => Promise<Rest>;
  readonly signal: AbortSignal;
}

/** Up to where a stream was read. */
interface Place {
  id: string | undefined;
  retryMs: number;
}

type Read = "answered" | "more" | "nothing" | typeof elsewhere;

/** How a stream ended. `elsewhere`: every replica that was reached is another than the one that has the rest. */
export type Ending = "answered" | "unanswered" | typeof elsewhere;

/** How often in a row another replica may answer, and what lies between: it is known at once that it is another. */
export const mostElsewhere = 10;
export const elsewhereMs = 100;
/** How often in a row the rest is fetched in vain. */
const mostTries = 5;
/** A stream that brought nothing for so long was open for a call that still runs; one that ended sooner has no more. */
const soonMs = 5_000;

/**
 * Reads a stream of the door; whether what was asked is answered. The door may let a stream go while the call runs, and
 * a connection may break: the rest is fetched from where it stopped, and nothing is sent again.
 */
export async function readAnswers(first: Bytes, { take, rest, signal }: StreamReader): Promise<Ending> {
  const place: Place = { id: undefined, retryMs: 1_000 };
  if ((await readOn(first, take, place)) === "answered") return "answered";
  const patient = AbortSignal.any([signal, AbortSignal.timeout(mcpDoorDefaults.sessionTtlMs)]);
  let [vain, away] = [0, 0];
  while (rest !== undefined && place.id !== undefined && vain < mostTries && away < mostElsewhere) {
    await pause(away > 0 ? elsewhereMs : place.retryMs, undefined, { signal: patient });
    const bytes = await rest(place.id, patient);
    if (bytes === undefined) return "unanswered";
    const began = systemClock.tick();
    const read = bytes === elsewhere ? elsewhere : await readOn(bytes, take, place);
    if (read === "answered") return read;
    away = read === elsewhere ? away + 1 : 0;
    if (read !== elsewhere) vain = read === "nothing" && systemClock.tick() - began < soonMs ? vain + 1 : 0;
  }
  return away === mostElsewhere ? elsewhere : "unanswered";
}

async function readOn(bytes: Bytes, take: StreamReader["take"], place: Place): Promise<Read> {
  let read: Read = "nothing";
  try {
    for await (const event of readSse(bytes)) {
      // A replica that does not have the stream opens an empty one, which nothing ends.
      if (event.id !== undefined && place.id !== undefined && nameIn(event.id) !== nameIn(place.id)) return elsewhere;
      if (event.id !== undefined) place.id = event.id;
      if (event.retryMs !== undefined) place.retryMs = Math.min(Math.max(event.retryMs, 100), 30_000);
      if (event.data === "") continue;
      const isAnswer = take(event.data);
      if (read !== "answered") read = isAnswer ? "answered" : "more";
    }
  } catch (thrown) {
    if (read !== "answered" && place.id === undefined) throw thrown;
  }
  return read;
}

/** Which stream an event's id belongs to: the door writes the stream's name, `-` and the event's number. */
function nameIn(id: string): string {
  return id.slice(0, id.lastIndexOf("-"));
}
