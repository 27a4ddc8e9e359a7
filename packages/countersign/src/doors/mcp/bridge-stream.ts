import { setTimeout as pause } from "node:timers/promises";
import { readSse } from "../../execution/mcp/index.ts";
import { mcpDoorDefaults } from "./setting.ts";

type Bytes = AsyncIterable<Uint8Array>;

export interface StreamReader {
  /** Takes one message; whether it answers what was asked. */
  take(text: string): boolean;
  /** Fetches what follows an event; undefined where the door does not know it. Absent where nothing was asked. */
  readonly rest?: (lastEventId: string, signal: AbortSignal) => Promise<Bytes | undefined>;
  readonly signal: AbortSignal;
}

/** Up to where a stream was read. */
interface Place {
  id: string | undefined;
  retryMs: number;
}

/**
 * Reads a stream of the door; whether what was asked is answered. The door may let a stream go while the call runs, and
 * a connection may break: the rest is fetched from where it stopped, and nothing is sent again.
 */
export async function readAnswers(first: Bytes, { take, rest, signal }: StreamReader): Promise<boolean> {
  const place: Place = { id: undefined, retryMs: 1_000 };
  let patient: AbortSignal | undefined;
  let bytes: Bytes | undefined = first;
  while (bytes !== undefined) {
    if (await readOn(bytes, take, place)) return true;
    if (rest === undefined || place.id === undefined) return false;
    // Another replica than the one that has the stream opens an empty one, which nothing ends.
    patient ??= AbortSignal.any([signal, AbortSignal.timeout(mcpDoorDefaults.sessionTtlMs)]);
    await pause(place.retryMs, undefined, { signal: patient });
    bytes = await rest(place.id, patient);
  }
  return false;
}

async function readOn(bytes: Bytes, take: StreamReader["take"], place: Place): Promise<boolean> {
  let isAnswered = false;
  try {
    for await (const event of readSse(bytes)) {
      if (event.id !== undefined) place.id = event.id;
      if (event.retryMs !== undefined) place.retryMs = Math.min(Math.max(event.retryMs, 100), 30_000);
      if (event.data !== "") isAnswered = take(event.data) || isAnswered;
    }
  } catch (thrown) {
    if (!isAnswered && place.id === undefined) throw thrown;
  }
  return isAnswered;
}
