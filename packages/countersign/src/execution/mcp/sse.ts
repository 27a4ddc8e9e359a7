/** One server-sent event. `data` is empty where the event only carried an id or a retry time. */
export interface SseEvent {
  readonly data: string;
  readonly id?: string;
  readonly retryMs?: number;
}

export interface SseLimits {
  readonly maxEventBytes: number;
  readonly maxStreamBytes: number;
  readonly maxEvents: number;
}

export const sseLimits: SseLimits = { maxEventBytes: 16_777_216, maxStreamBytes: 67_108_864, maxEvents: 10_000 };

/** Thrown where an upstream sends more than it may. */
export class Flood extends Error {}

/** Events of a byte stream, as they complete. Throws `Flood` beyond the limits. */
export async function* readSse(
  chunks: AsyncIterable<Uint8Array>,
  limits: SseLimits = sseLimits,
): AsyncGenerator<SseEvent> {
  const decoder = new TextDecoder("utf-8");
  const draft = {
    data: [] as string[],
    id: undefined as string | undefined,
    retryMs: undefined as number | undefined,
    length: 0,
  };
  let rest = "";
  let bytes = 0;
  let events = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > limits.maxStreamBytes) throw new Flood("the stream is larger than its limit");
    const text = rest + decoder.decode(chunk, { stream: true });
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length > limits.maxEventBytes) throw new Flood("one event is larger than its limit");
    for (const line of lines) {
      if (line !== "") {
        draft.length += line.length;
        if (draft.length > limits.maxEventBytes) throw new Flood("one event is larger than its limit");
        takeLine(draft, line);
        continue;
      }
      const event = finish(draft);
      if (event === undefined) continue;
      if (++events > limits.maxEvents) throw new Flood("the stream holds more events than its limit");
      yield event;
    }
  }
}

interface Draft {
  data: string[];
  id: string | undefined;
  retryMs: number | undefined;
  length: number;
}

function takeLine(draft: Draft, line: string): void {
  const colon = line.indexOf(":");
  if (colon === 0) return;
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
  if (field === "data") draft.data.push(value);
  else if (field === "id" && !value.includes("\0")) draft.id = value;
  else if (field === "retry" && /^\d{1,9}$/.test(value)) draft.retryMs = Number(value);
}

function finish(draft: Draft): SseEvent | undefined {
  if (draft.data.length === 0 && draft.id === undefined && draft.retryMs === undefined) return undefined;
  const event: SseEvent = {
    data: draft.data.join("\n"),
    ...(draft.id === undefined ? {} : { id: draft.id }),
    ...(draft.retryMs === undefined ? {} : { retryMs: draft.retryMs }),
  };
  draft.data = [];
  draft.id = undefined;
  draft.retryMs = undefined;
  draft.length = 0;
  return event;
}
